import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";

/** A directory on loopback. */
export interface FileServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the files below a directory until closed; what is not there is answered with 404. For tests. */
export async function serveFiles(directory: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    const file = createReadStream(join(directory, normalize(request.url ?? "/")));
    file.on("error", () => response.writeHead(404).end());
    file.on("open", () => response.writeHead(200));
    file.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test's server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
