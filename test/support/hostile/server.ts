import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A request as a server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** As it stood in the request: a path with its query, of a proxy a whole address or `HOST:PORT`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sends the body byte by byte, one each so many milliseconds. */
  readonly drip?: number;
  /** Sends the body again and again, without an end. */
  readonly endless?: boolean;
  /** Milliseconds before anything is sent. */
  readonly after?: number;
}

/** What a server does with a request: answers, says nothing for ever, or breaks the connection. */
export type Reply = Answer | "hang" | "break";

/** What a report says that a server does; undefined where it does what is usual. */
export type Case<World> = (request: SeenRequest, world: World) => Reply | undefined;

export interface ListenOptions {
  /** 127.0.0.1 unless it is in a network of its own. */
  readonly address?: string;
  /** One of the system's choosing unless given. */
  readonly port?: number;
  /** Certificate and key as PEM: speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A file that gets a line of JSON for each request. */
  readonly log?: string;
}

/** A server that does right by itself, and otherwise what the cases that are switched on say. */
export class HostileServer<Name extends string, World> {
  /** Every request, in the order in which they came. */
  readonly seen: SeenRequest[] = [];
  /** The cases that are switched on. */
  readonly cases = new Set<Name>();
  /** Without a slash at its end. */
  url = "";
  /** Told of each connection. */
  onConnection: (socket: Socket) => void = () => {};
  readonly #table: Readonly<Record<Name, Case<World>>>;
  readonly #usual: (request: SeenRequest, world: World) => Reply;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #log: string | undefined;

  constructor(
    table: Readonly<Record<Name, Case<World>>>,
    readonly world: World,
    usual: (request: SeenRequest, world: World) => Reply,
  ) {
    this.#table = table;
    this.#usual = usual;
  }

  /** `HOST:PORT` */
  get host(): string {
    return new URL(this.url).host;
  }

  /** Requests so far, as `METHOD url`. */
  get log(): string[] {
    return this.seen.map(({ method, url }) => `${method} ${url}`);
  }

  async listen({ address = "127.0.0.1", port = 0, tls, log }: ListenOptions = {}): Promise<this> {
    const server = tls ? createTlsServer(tls) : createServer();
    this.#server = server;
    this.#log = log;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      this.onConnection(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#handle(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
    this.extend(server);
    await new Promise<void>((done) => server.listen(port, address, done));
    this.url = `${tls ? "https" : "http"}://${address}:${(server.address() as AddressInfo).port}`;
    return this;
  }

  /** Ends it, with all its connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server) await new Promise((done) => server.close(done));
  }

  /** For what a plain request cannot do. */
  protected extend(_: Server): void {}

  /** Notes a request. */
  protected note(request: SeenRequest): void {
    this.seen.push(request);
    if (this.#log === undefined) return;
    const { method, url, headers, body } = request;
    appendFileSync(this.#log, `${JSON.stringify({ method, url, headers, bytes: body.length })}\n`);
  }

  /** What the cases that are switched on make of a request. */
  protected unusual(request: SeenRequest): Reply | undefined {
    for (const name of this.cases) {
      const reply = this.#table[name](request, this.world);
      if (reply !== undefined) return reply;
    }
    return undefined;
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    this.note(request);
    await this.answer(request, incoming, outgoing);
  }

  protected async answer(
    request: SeenRequest,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const reply = this.unusual(request) ?? this.#usual(request, this.world);
    if (reply === "hang") return;
    if (reply === "break") incoming.socket.destroy();
    else await send(reply, request, outgoing);
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = "", url = "" } = incoming;
  return { method, url, headers: headersOf(incoming), body: Buffer.concat(chunks) };
}

/** As text, each under its name in lower case. */
export function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
}

async function send(
  { status, headers, body = "", drip, endless, after }: Answer,
  { method }: SeenRequest,
  outgoing: ServerResponse,
): Promise<void> {
  if (after !== undefined) await sleep(after);
  outgoing.writeHead(status, headers);
  if (method === "HEAD" || (drip === undefined && !endless)) {
    outgoing.end(method === "HEAD" ? undefined : body);
    return;
  }
  const bytes = Buffer.from(body);
  const pieces = drip === undefined ? [bytes] : [...bytes].map((byte) => Buffer.of(byte));
  do {
    for (const piece of pieces) {
      if (outgoing.destroyed) return;
      const isTaken = outgoing.write(piece);
      if (!isTaken) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]);
      await sleep(drip ?? 0);
    }
  } while (endless);
  outgoing.end();
}

function once(outgoing: ServerResponse, event: "drain" | "close"): Promise<void> {
  return new Promise((done) => outgoing.once(event, () => done()));
}
