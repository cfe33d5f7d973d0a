import { connect, createServer, type Socket } from "node:net";
import { sum } from "../../scripts/system/sum.ts";

/** Hands connections on to another port of this machine, and counts the bytes that go either way. */
export interface CountingRelay {
  readonly port: number;
  readonly bytes: () => { readonly there: number; readonly back: number };
  close(): Promise<void>;
}

export async function openCountingRelay(behind: number): Promise<CountingRelay> {
  const clients: Socket[] = [];
  const nodes: Socket[] = [];
  const server = createServer((client) => {
    const node = connect(behind, "127.0.0.1");
    clients.push(client);
    nodes.push(node);
    client.on("error", () => node.destroy());
    node.on("error", () => client.destroy());
    client.pipe(node).pipe(client);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the system gave no port");
  return {
    port: address.port,
    bytes: () => ({
      there: sum(nodes.map(({ bytesWritten }) => bytesWritten)),
      back: sum(nodes.map(({ bytesRead }) => bytesRead)),
    }),
    async close() {
      for (const socket of [...clients, ...nodes]) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
