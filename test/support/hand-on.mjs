/**
 * Hands connections on, from ports of one network to the same ports of another:
 * `hand-on.mjs LISTEN-ADDRESS TO-ADDRESS PORT…`. It says `ready` when all are open.
 */
import { connect, createServer } from "node:net";

const [, , from, to, ...ports] = process.argv;

for (const port of ports) {
  const server = createServer((client) => {
    const other = connect(Number(port), to);
    client.on("error", () => other.destroy());
    other.on("error", () => client.destroy());
    client.pipe(other).pipe(client);
  });
  await new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(Number(port), from, done);
  });
}
console.log("ready");
