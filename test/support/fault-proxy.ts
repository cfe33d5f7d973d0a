import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { relay } from "./relay.ts";

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
      if (delay === undefined) relay(incoming, answer, behind);
      else void delay.then(() => !incoming.socket.destroyed && relay(incoming, answer, behind));
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
