import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { Registry } from "../../scripts/registry/client.ts";
import type { CredentialLookup } from "../../scripts/registry/credentials.ts";
import type { Clock } from "../../scripts/system/environment.ts";
import { createTransport } from "../../scripts/system/http/http.ts";
import type { RetryPolicy } from "../../scripts/system/http/limits.ts";

/** A request as it came in. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What a test has the registry do instead: answer so, say nothing for ever, or break the connection. */
export type Fault = Answer | "hang" | "break" | undefined;

/** The part of a registry that pushing needs, in memory, with faults on demand. */
export class FakeRegistry {
  host = "";
  readonly requests: SeenRequest[] = [];
  /** `REPOSITORY@DIGEST` → bytes. */
  readonly blobs = new Map<string, Buffer>();
  /** `REPOSITORY:TAG` and `REPOSITORY@DIGEST` → what is kept there. */
  readonly manifests = new Map<string, { bytes: Buffer; mediaType: string }>();
  /** Asked before every answer. */
  fault: (request: SeenRequest) => Fault = () => undefined;

  /** Requests so far, as `METHOD path`. */
  get log(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request: SeenRequest = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)])),
      body: Buffer.concat(chunks),
    };
    this.requests.push(request);
    const answer = this.fault(request) ?? this.answer(request);
    if (answer === "hang") return;
    if (answer === "break") {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(request.method === "HEAD" ? undefined : answer.body);
  }

  /** What a registry without faults answers. */
  answer(request: SeenRequest): Answer {
    const url = new URL(request.path, "http://registry");
    const [, repository = "", kind = "", name = ""] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") return this.#manifest(request, repository, name);
    if (kind === "blobs") return found(this.blobs.get(`${repository}@${name}`), "application/octet-stream");
    if (kind === "blobs/uploads") return this.#upload(request, url, repository);
    return { status: 404 };
  }

  #manifest({ method, headers, body }: SeenRequest, repository: string, reference: string): Answer {
    const key = `${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
    if (method === "PUT") {
      const kept = { bytes: body, mediaType: headers["content-type"] ?? "" };
      this.manifests.set(key, kept);
      this.manifests.set(`${repository}@${digestOf(body)}`, kept);
      return { status: 201, headers: { "docker-content-digest": digestOf(body) } };
    }
    if (method === "DELETE") return { status: this.manifests.delete(key) ? 202 : 404 };
    const kept = this.manifests.get(key);
    return found(kept?.bytes, kept?.mediaType ?? "");
  }

  #upload({ method, body }: SeenRequest, url: URL, repository: string): Answer {
    const mounted = this.blobs.get(`${url.searchParams.get("from")}@${url.searchParams.get("mount")}`);
    if (method === "POST" && mounted) {
      this.blobs.set(`${repository}@${digestOf(mounted)}`, mounted);
      return { status: 201 };
    }
    // A state that must come back exactly as it was given out.
    if (method === "POST") return { status: 202, headers: { location: `${url.pathname}1?_state=a%20b%3D` } };
    const digest = url.searchParams.get("digest") ?? "";
    if (!url.search.startsWith("?_state=a%20b%3D&")) return { status: 404 };
    if (digest !== digestOf(body))
      return { status: 400, body: errorBody("DIGEST_INVALID", "digest differs") };
    this.blobs.set(`${repository}@${digest}`, body);
    return { status: 201, headers: { "docker-content-digest": digest } };
  }
}

/** Starts a registry for one test, on a port of the system's choosing. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const registry = new FakeRegistry();
  const server = createServer((incoming, outgoing) => {
    registry.handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return registry;
}

/** The body of a registry's error (distribution spec 1.1, "Error codes"). */
export function errorBody(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

/** A clock whose time passes only by sleeping, which takes none. */
export class FakeClock implements Clock {
  time = Date.parse("2026-01-01T00:00:00Z");
  readonly sleeps: number[] = [];
  now = () => this.time;
  random = () => 1;
  sleep = async (milliseconds: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    this.sleeps.push(milliseconds);
    this.time += milliseconds;
  };
}

export const anonymous: CredentialLookup = async () => ({ source: "none, so anonymous" });

export const fewRetries: RetryPolicy = {
  attempts: 4,
  firstDelay: 100,
  longestDelay: 250,
  longestRetryAfter: 60_000,
};

/** A fake registry, a client of it without retries that take time, and the clock of that client. */
export async function startPair(options: { idleTimeout?: number } = {}) {
  const server = await startFakeRegistry();
  const clock = new FakeClock();
  const transport = createTransport(options);
  const registry = new Registry(server.host, {
    transport,
    credentials: anonymous,
    retries: fewRetries,
    clock,
  });
  return { server, clock, registry };
}

function found(bytes: Buffer | undefined, mediaType: string): Answer {
  if (!bytes) return { status: 404, body: errorBody("MANIFEST_UNKNOWN", "not here") };
  const headers = {
    "content-type": mediaType,
    "content-length": String(bytes.length),
    "docker-content-digest": digestOf(bytes),
  };
  return { status: 200, headers, body: bytes };
}
