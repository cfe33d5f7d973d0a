import { type AddressInfo, connect, createServer } from "node:net";

/**
 * Stands before a server and counts the bytes that are sent to it, whoever the client is. Arguments: PORT of
 * the server. Asked, it tells how many bytes there have been.
 */
const port = Number(process.argv[2]);
let bytes = 0;

const server = createServer((client) => {
  const upstream = connect(port, "127.0.0.1");
  client.on("data", (chunk) => {
    bytes += chunk.length;
  });
  client.pipe(upstream).pipe(client);
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ host: `127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on("message", () => process.send?.({ answer: bytes }));
process.on("disconnect", () => process.exit());
