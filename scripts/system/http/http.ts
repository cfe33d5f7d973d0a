import { setMaxListeners } from "node:events";
import { createReadStream } from "node:fs";
import { HttpError } from "./error.ts";
import { Exchange } from "./exchange.ts";
import { followRedirects } from "./follow.ts";
import { deadlineFor, LIMITS } from "./limits.ts";
import { type FileBody, type HttpRequest, type HttpResponse, observed, type Transport } from "./message.ts";
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
  const send = (request: HttpRequest) => {
    const { url, method, body, signal, limit = maxAnswer } = request;
    // One signal ends a whole run: hundreds of requests listen to it, and that is no leak.
    if (signal) setMaxListeners(0, signal);
    return new Promise<HttpResponse>((resolve, reject) => {
      signal?.throwIfAborted();
      if (!/^https?:$/.test(url.protocol)) {
        throw new HttpError(url, `expected http or https, and not ${url.protocol}`, "ERR_INVALID_PROTOCOL");
      }
      const proxy = proxyOf(url, env);
      const file = body === undefined || body instanceof Uint8Array ? undefined : readFile(body);
      const exchange = new Exchange(
        {
          ...{ ...request, limit, idle: idleTimeout, deadline: request.deadline ?? deadlineOf(request) },
          sent: () => file?.bytesRead ?? 0,
        },
        proxy?.url,
        { resolve, reject },
      );
      const sent = {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { ...request.headers, ...contentLength(body) },
        body: file ?? (body as Uint8Array | undefined) ?? null,
        // The exchange has clocks of its own: undici's are late by up to a second.
        ...{ headersTimeout: 0, bodyTimeout: 0 },
        // undici closes the connection after a HEAD, lest a bad server sends a body all the same: to connect anew for
        // each tag of a catalog takes longer than to ask for it.
        reset: false,
      };
      route(url).dispatch(sent, exchange);
    });
  };
  return (request) => observed(request, () => send(request));
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
function deadlineOf({ body, saveTo, limit }: HttpRequest): number {
  if (body !== undefined && !(body instanceof Uint8Array)) return deadlineFor(body.size);
  return saveTo === undefined ? LIMITS.document : deadlineFor(limit ?? Number.POSITIVE_INFINITY);
}

function contentLength(body: HttpRequest["body"]): Record<string, string> {
  if (body === undefined) return {};
  return { "content-length": String(body instanceof Uint8Array ? body.byteLength : body.size) };
}

function readFile({ path }: FileBody) {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}
