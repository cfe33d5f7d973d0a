import { type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { type Case, HostileServer, headersOf, type SeenRequest } from "./server.ts";

export interface ProxyWorld {
  /** What `Proxy-Authorization` must be, where it wants any. */
  authorization?: string;
}

const LOGIN = { status: 407, headers: { "proxy-authenticate": 'Basic realm="proxy"' } };

/** What a proxy does instead of handing a request on. One line for each report. */
const CASES = {
  /** It lets nobody out. */
  refuses: () => ({ status: 403, body: "<html><h1>Blocked by policy</h1></html>" }),
  /** It wants a password. */
  "wants-login": ({ headers }, { authorization }) =>
    headers["proxy-authorization"] === authorization ? undefined : LOGIN,
  /** It takes requests, and says nothing. */
  hangs: () => "hang",
  /** It breaks each connection. */
  breaks: () => "break",
  /** As Squid does by default: it makes tunnels to port 443 only. */
  "tunnels-443-only": ({ method, url }) =>
    method === "CONNECT" && !url.endsWith(":443") ? { status: 403 } : undefined,
  /** It makes no tunnels. */
  "no-tunnels": ({ method }) => (method === "CONNECT" ? { status: 405 } : undefined),
} satisfies Record<string, Case<ProxyWorld>>;

export type ProxyCase = keyof typeof CASES;

/** A proxy that counts: it forwards requests of whole addresses, and makes tunnels (RFC 9110, section 9.3.6). */
export class HostileProxy extends HostileServer<ProxyCase, ProxyWorld> {
  constructor(world: ProxyWorld = {}) {
    super(CASES, world, () => ({ status: 400, body: "not a request to a proxy" }));
  }

  protected override extend(server: Server): void {
    server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
      socket.on("error", () => socket.destroy());
      const seen = { method: "CONNECT", url: incoming.url ?? "", headers: headersOf(incoming) };
      const asked = { ...seen, body: Buffer.alloc(0) };
      this.note(asked);
      const reply = this.unusual(asked);
      if (reply === "hang") return;
      if (reply === "break") socket.destroy();
      else if (reply) socket.end(`HTTP/1.1 ${reply.status} No\r\ncontent-length: 0\r\n\r\n`);
      else tunnel(asked.url, socket);
    });
  }

  protected override async answer(
    asked: SeenRequest,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const isForUs = !asked.url.startsWith("http:");
    if (isForUs || this.unusual(asked)) await super.answer(asked, incoming, outgoing);
    else forward(asked, outgoing);
  }
}

function tunnel(to: string, socket: Socket): void {
  const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(to) ?? [];
  const outside = connect(Number(port), host, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    outside.pipe(socket);
    socket.pipe(outside);
  });
  outside.on("error", () => socket.end("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n"));
  socket.on("close", () => outside.destroy());
}

function forward({ method, url, headers, body }: SeenRequest, outgoing: ServerResponse): void {
  const handedOn = Object.entries(headers).filter(([name]) => !name.startsWith("proxy-"));
  const away = request(url, { method, headers: Object.fromEntries(handedOn) }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  away.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  away.end(body);
}
