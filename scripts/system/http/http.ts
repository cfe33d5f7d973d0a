import { setMaxListeners } from "node:events";
import { createReadStream } from "node:fs";
import { debug } from "../debug.ts";
import { formatSeconds } from "../shown/format.ts";
import { HttpError } from "./error.ts";
import { Exchange } from "./exchange.ts";
import { followRedirects } from "./follow.ts";
import { deadlineFor, LIMITS } from "./limits.ts";
import type { FileBody, HttpRequest, HttpResponse, Transport } from "./message.ts";
import { type Environment, proxyOf, routeFor } from "./proxy.ts";

export interface TransportOptions {
  /** Give up when nothing moves on the connection for so many milliseconds. */
  readonly idleTimeout?: number;
  /** The longest answer accepted where a request names no limit, in bytes. */
  readonly maxAnswer?: number;
  /** What names the proxy, if there is one. Those who share it share their connections. */
  readonly env?: Environment;
}

/**
 * The one door to the network: a transport over undici, by the proxy that the environment names. It sends a request
 * once, and follows nothing. What it throws is an `HttpError`, or the reason of the signal.
 *
 * undici's `fetch` would send a stream in chunks of unknown total; registries in front of object stores want the
 * `Content-Length`, so what lies under it is used.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { idleTimeout = LIMITS.idle, maxAnswer = LIMITS.body, env = process.env } = options;
  const route = routeFor(env);
  const send = (request: HttpRequest) =>
    new Promise<HttpResponse>((resolve, reject) => {
      const { url, method, body, signal, limit = maxAnswer } = request;
      // One signal ends a whole run: hundreds of requests listen to it, and that is no leak.
      if (signal) setMaxListeners(0, signal);
      signal?.throwIfAborted();
      if (!/^https?:$/.test(url.protocol)) {
        throw new HttpError(url, `expected http or https, and not ${url.protocol}`, "ERR_INVALID_PROTOCOL");
      }
      const proxy = proxyOf(url, env)?.url;
      const bytes = body instanceof Uint8Array ? body : undefined;
      const file = body instanceof Uint8Array ? undefined : body;
      const stream = file && createReadStream(file.path, { highWaterMark: 256 * 1024 });
      const exchange = new Exchange({
        ...request,
        limit,
        idle: idleTimeout,
        deadline: request.deadline ?? deadlineOf(file, request),
        sent: () => stream?.bytesRead ?? 0,
        proxy,
        resolve,
        reject,
      });
      const size = file?.size ?? bytes?.byteLength;
      const sent = {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { ...request.headers, ...(size !== undefined && { "content-length": String(size) }) },
        body: stream ?? bytes ?? null,
        // The exchange has clocks of its own: undici's are late by up to a second.
        ...{ headersTimeout: 0, bodyTimeout: 0 },
        // undici closes the connection after a HEAD, lest a bad server sends a body all the same: to connect anew for
        // each tag of a catalog takes longer than to ask for it.
        reset: false,
      };
      route(url).dispatch(sent, exchange);
    });
  return async (request) => {
    const begun = performance.now();
    let status: number | undefined;
    try {
      const response = await send(request);
      status = response.status;
      return response;
    } finally {
      const seconds = (performance.now() - begun) / 1000;
      debug(() => requestText(request, status, seconds));
    }
  };
}

/** `GET https://registry.example/v2/?… → 401 (0.1s)`: no name, no password, no query. */
function requestText({ method, url }: HttpRequest, status: number | undefined, seconds: number): string {
  const { protocol, host, pathname, search } = url;
  const address = `${protocol}//${host}${pathname}${search === "" ? "" : "?…"}`;
  return `${method} ${address} → ${status ?? "no answer"} (${formatSeconds(seconds)})`;
}

/** One request with its redirects, and no second attempt: for what only looks whether somebody is there. */
export function ask(
  url: URL,
  { env, ...request }: Partial<Omit<HttpRequest, "url">> & Pick<TransportOptions, "env"> = {},
): Promise<HttpResponse> {
  const transport = followRedirects(createTransport(env && { env }));
  return transport({ method: "GET", ...request, url });
}

/** What is only kept in memory is a document; blobs take as long as their size may. */
function deadlineOf(file: FileBody | undefined, { saveTo, limit }: HttpRequest): number {
  if (file) return deadlineFor(file.size);
  return saveTo === undefined ? LIMITS.document : deadlineFor(limit ?? Number.POSITIVE_INFINITY);
}
