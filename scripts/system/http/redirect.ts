import { HTTP_CODE, HttpError, shownUrl } from "./error.ts";
import { LIMITS } from "./limits.ts";
import type { HttpRequest, HttpResponse, Transport } from "./message.ts";

/** Follows redirects of reads, as blobs kept in an object store need. Credentials stay with their origin. */
export function followRedirects(transport: Transport): Transport {
  return async (request) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await transport(current);
      const isRedirect = REDIRECTS.has(response.status) && response.headers.location !== undefined;
      if (!isRedirect || !READS.has(request.method) || hops === LIMITS.redirects) return response;
      current = redirect(current, addressIn(response, "location", current.url));
    }
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const READS = new Set(["GET", "HEAD"]);

/** What may be told to another origin: what is wanted, and nothing that says who asks. */
const FOR_ALL = new Set([
  "accept",
  "accept-encoding",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
]);

function redirect(request: HttpRequest, url: URL): HttpRequest {
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => FOR_ALL.has(name.toLowerCase()));
  return { ...request, url, headers: Object.fromEntries(headers) };
}

/**
 * The address that a header of an answer holds.
 * @param name of the header, in lower case
 * @param base that it is relative to
 * @throws HttpError, naming the header, where it is none of HTTP, or leads from https to http: whoever is on the way
 *   could read what follows, and write the answer
 */
export function addressIn(response: HttpResponse, name: string, base: URL): URL {
  return followUp(response.headers[name] ?? "", name, base);
}

/** The same for an address out of a header. */
export function followUp(text: string, name: string, base: URL): URL {
  const header = name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
  const url = URL.canParse(text, base.href) ? new URL(text, base) : undefined;
  const refuse = (why: string) =>
    new HttpError(base, `the header ${header} of its answer ${why}`, HTTP_CODE.refused);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const to = url ? `leads to an address of ${url.protocol}` : "holds no address";
    throw refuse(`${to}, where http or https was expected`);
  }
  if (base.protocol === "https:" && url.protocol === "http:") {
    throw refuse(`leads from https to http (${shownUrl(url)}), where anyone could read what is sent`);
  }
  return url;
}
