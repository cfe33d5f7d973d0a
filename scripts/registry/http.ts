import { setMaxListeners } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { finished, pipeline } from "node:stream/promises";

/** One HTTP request. A body is bytes in memory or a file, so that it can be sent a second time. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | FileBody;
  /** Path of a file that the body of an answer with status 200 is written to, instead of being kept in memory. */
  readonly saveTo?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A file to stream from disk; `size` in bytes. */
export interface FileBody {
  readonly path: string;
  readonly size: number;
}

/** The whole answer, but for a body that was saved to a file. Header names are in lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How requests reach the network. Gives every answer, whatever its status; throws when there is none. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

export interface TransportOptions {
  /** Give up when nothing moves on the connection for so many milliseconds. */
  readonly idleTimeout?: number;
  /** Connections to one host; more requests than this wait their turn. */
  readonly maxSockets?: number;
  /** The longest answer accepted, in bytes: all we read into memory are small documents. */
  readonly maxAnswer?: number;
}

const SECOND = 1000;
const MIB = 1024 * 1024;

/**
 * A transport over Node's own HTTP client with kept-alive connections. Node's `fetch` would send a stream in
 * chunks of unknown total; registries in front of object stores want the `Content-Length`, so it is not used.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { idleTimeout = 60 * SECOND, maxSockets = 16, maxAnswer = 64 * MIB } = options;
  const agents = {
    "http:": new http.Agent({ keepAlive: true, maxSockets }),
    "https:": new https.Agent({ keepAlive: true, maxSockets }),
  };
  return (request) =>
    new Promise((resolve, reject) => {
      // One signal ends a whole run: hundreds of requests listen to it, and that is no leak.
      if (request.signal) setMaxListeners(0, request.signal);
      const secure = request.url.protocol === "https:";
      const outgoing = (secure ? https : http).request(request.url, {
        method: request.method,
        headers: { ...request.headers, ...contentLength(request.body) },
        agent: agents[secure ? "https:" : "http:"],
        timeout: idleTimeout,
        ...(request.signal && { signal: request.signal }),
      });
      outgoing.on("timeout", () => {
        outgoing.destroy(new Error(`nothing was heard for ${idleTimeout / SECOND} s`));
      });
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => receive(incoming, request, maxAnswer).then(resolve, reject));
      sendBody(outgoing, request.body).catch((error: Error) => outgoing.destroy(error));
    });
}

/** Follows redirects of reads, as blobs kept in an object store need. Credentials stay with their origin. */
export function followRedirects(transport: Transport): Transport {
  return async (request) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await transport(current);
      const { location } = response.headers;
      const redirected = REDIRECTS.has(response.status) && location !== undefined;
      if (!redirected || !READS.has(request.method) || hops === MAX_REDIRECTS) return response;
      current = redirect(current, new URL(location, current.url));
    }
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const READS = new Set(["GET", "HEAD"]);
const MAX_REDIRECTS = 5;

function redirect(request: HttpRequest, url: URL): HttpRequest {
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.entries(request.headers ?? {}).filter(
    ([name]) => name.toLowerCase() !== "authorization",
  );
  return { ...request, url, headers: Object.fromEntries(headers) };
}

function contentLength(body: HttpRequest["body"]): { "content-length"?: number } {
  if (body === undefined) return {};
  return { "content-length": body instanceof Uint8Array ? body.byteLength : body.size };
}

async function sendBody(outgoing: http.ClientRequest, body: HttpRequest["body"]): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  const file = createReadStream(body.path, { highWaterMark: MIB });
  // The answer may come, or the connection break, before the whole file is read.
  outgoing.on("close", () => file.destroy());
  file.pipe(outgoing);
  await finished(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}

async function receive(
  incoming: http.IncomingMessage,
  { saveTo }: HttpRequest,
  maxAnswer: number,
): Promise<HttpResponse> {
  if (saveTo === undefined || incoming.statusCode !== 200) return readAnswer(incoming, maxAnswer);
  await pipeline(incoming, createWriteStream(saveTo));
  return answerOf(incoming, Buffer.alloc(0));
}

async function readAnswer(incoming: http.IncomingMessage, maxAnswer: number): Promise<HttpResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > maxAnswer) throw new Error(`the answer is longer than ${maxAnswer} bytes`);
    chunks.push(chunk);
  }
  return answerOf(incoming, Buffer.concat(chunks));
}

function answerOf(incoming: http.IncomingMessage, body: Buffer): HttpResponse {
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
  };
}
