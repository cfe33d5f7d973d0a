import { createServer, type Server } from "node:http";
import { relay } from "./relay.ts";

/** A mirror of packages that answers only to who gives a user and a password. */
export interface BasicMirror {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** How many requests came with the right password, and how many with none or another. */
  readonly counts: { known: number; unknown: number };
  close(): Promise<void>;
}

/** @param behind URL of the mirror that has the files @param pair `USER:PASSWORD` */
export async function openBasicMirror(
  behind: string,
  pair: string,
  realm = "packages",
): Promise<BasicMirror> {
  const wanted = `Basic ${Buffer.from(pair).toString("base64")}`;
  const counts = { known: 0, unknown: 0 };
  const server = createServer((incoming, answer) => {
    if (incoming.headers.authorization === wanted) {
      counts.known++;
      relay(incoming, answer, new URL(behind).host);
      return;
    }
    counts.unknown++;
    incoming.resume();
    answer.writeHead(401, { "www-authenticate": `Basic realm="${realm}"` }).end("who are you?");
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test's server has no port");
  return address.port;
}
