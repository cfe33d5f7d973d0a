import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";

/** What a proxy does instead of handing a request on; `undefined` hands it on. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => "answered" | undefined;

/** Stands in front of a registry, and fails as a test tells it to. */
export class FaultProxy {
  /** Asked for each request. */
  fault: Fault = () => undefined;
  /** Waited for before a request is handed on; whoever is gone by then has sent nothing. */
  delay: (request: IncomingMessage) => Promise<unknown> | undefined = () => undefined;
  /** How many requests came. */
  requests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param host `127.0.0.1:PORT` to listen on @param behind `127.0.0.1:PORT` of the registry */
  static async open(host: string, behind: string): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server);
    server.on("request", (incoming, answer) => {
      proxy.requests++;
      if (proxy.fault(incoming, answer) !== undefined) return;
      const delay = proxy.delay(incoming);
      if (delay === undefined) handOn(incoming, answer, behind);
      else void delay.then(() => !incoming.socket.destroyed && handOn(incoming, answer, behind));
    });
    const [, port] = host.split(":");
    await new Promise<void>((done) => server.listen(Number(port), "127.0.0.1", done));
    return proxy;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }
}

/** The registry makes its addresses of the host that it is asked by, so that one is left as it is. */
function handOn(incoming: IncomingMessage, answer: ServerResponse, behind: string): void {
  const [hostname = "", port] = behind.split(":");
  const { method, url, headers } = incoming;
  const outgoing = request({ hostname, port, method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  incoming.pipe(outgoing);
}
