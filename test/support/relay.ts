import { type IncomingMessage, request, type ServerResponse } from "node:http";

/**
 * Hands a request on to another server, and its answer back. Whoever makes addresses of the host that it is asked by
 * makes those of ours.
 * @param behind `127.0.0.1:PORT`
 */
export function relay(incoming: IncomingMessage, answer: ServerResponse, behind: string): void {
  const [hostname = "", port] = behind.split(":");
  const { method, url, headers } = incoming;
  const outgoing = request({ hostname, port, method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  incoming.pipe(outgoing);
}
