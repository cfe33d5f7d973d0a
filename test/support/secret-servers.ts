import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What a server was sent. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: string;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A small server on loopback, whose answers can be switched, and that keeps all it was sent. */
export class SecretServer {
  readonly received: Received[] = [];
  answer: Answer;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => void chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const { method = "", url = "", rawHeaders } = request;
        this.received.push({ method, url, headers: rawHeaders.join("\n"), body: body.toString("latin1") });
        // By this a registry is known (distribution spec).
        response.setHeader("docker-distribution-api-version", "registry/2.0");
        this.answer(request, response, body);
      });
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
    });
  }

  static async open(answer: Answer): Promise<SecretServer> {
    const server = new SecretServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A status, and a body that repeats what the request brought to prove who it is. */
export function parrot(status: number, headers: Record<string, string> = {}): Answer {
  return (request, response) => {
    const told = request.headers.authorization ?? "";
    const decoded = Buffer.from(told.replace(/^Basic /, ""), "base64").toString("utf8");
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(
      JSON.stringify({ errors: [{ code: "DENIED", message: `who is ${told}, that is ${decoded}?` }] }),
    );
  };
}
