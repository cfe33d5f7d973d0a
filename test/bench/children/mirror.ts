import { serveDirectory } from "../../../scripts/sandbox/serve.ts";

/** Serves a directory in a process of its own, until its standard input ends. Prints where. */
const server = await serveDirectory(process.argv[2] ?? "", 0);
process.stdout.write(`${server.url}\n`);
process.stdin.resume().on("end", () => server.close());
