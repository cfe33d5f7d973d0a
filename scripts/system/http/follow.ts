import { HTTP_CODE, HttpError, shownUrl } from "./error.ts";
import { HEADER_LIMIT, LIMITS } from "./limits.ts";
import type { HttpRequest, HttpResponse, Transport } from "./message.ts";

/** Follows redirects of reads, as blobs kept in an object store need. Credentials stay with their origin. */
export function followRedirects(transport: Transport): Transport {
  return async (request) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await transport(current);
      const { location } = response.headers;
      const isRedirect = REDIRECTS.has(response.status) && READS.has(request.method);
      if (!isRedirect || location === undefined || hops === LIMITS.redirects) return response;
      current = redirect(current, followUp(location, "Location", current.url));
    }
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const READS = new Set(["GET", "HEAD"]);

/** What may be told to another origin: what is wanted, and nothing that says who asks. */
const FOR_ALL = /^(accept|accept-encoding|if-modified-since|if-none-match|range|user-agent)$/i;

function redirect(request: HttpRequest, url: URL): HttpRequest {
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => FOR_ALL.test(name));
  return { ...request, url, headers: Object.fromEntries(headers) };
}

/**
 * The address that a header of an answer holds.
 * @param base that it is relative to
 * @throws HttpError, naming the header, where it is none of HTTP, or leads from https to http: whoever is on the way
 *   could read what follows, and write the answer
 */
export function followUp(text: string, header: "Location" | "Link", base: URL): URL {
  const url = URL.canParse(text, base.href) ? new URL(text, base) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    const to = url ? `leads to an address of ${url.protocol}` : "holds no address";
    throw refusal(base, header, `${to}, where http or https was expected`);
  }
  if (base.protocol === "https:" && url.protocol === "http:") {
    const why = `leads from https to http (${shownUrl(url)}), where anyone could read what is sent`;
    throw refusal(base, header, why);
  }
  return url;
}

function refusal(base: URL, header: string, why: string): HttpError {
  return new HttpError(base, `the header ${header} of its answer ${why}`, HTTP_CODE.refused);
}

/** Leads through the pages of one list. Source: RFC 8288, "Web Linking"; distribution spec 1.1, "Listing Tags" */
export class Pages {
  readonly #seen = new Set<string>();
  #origin: string | undefined;

  /**
   * The address of the page after this one; undefined where it is the last.
   * @throws HttpError where the header `Link` leads to another origin, in circles, or on without an end
   */
  after(page: HttpResponse): string | undefined {
    const { url } = page;
    this.#origin ??= url.origin;
    this.#seen.add(url.href);
    const link = nextLink(page.headers.link ?? "");
    if (link === undefined) return undefined;
    const next = followUp(ownAddress(link, url), "Link", url);
    const refuse = (why: string) => refusal(url, "Link", why);
    if (next.origin !== this.#origin) throw refuse(`leads to another server (${next.host})`);
    if (this.#seen.has(next.href))
      throw refuse("leads back to a page that has been read: the list has no end");
    if (this.#seen.size >= LIMITS.pages) throw refuse(`leads on after ${LIMITS.pages} pages`);
    return next.href;
  }
}

/** Behind a proxy a server may not know by which scheme it is spoken to: of its own name, ours is kept, with the port. */
function ownAddress(link: string, url: URL): string {
  const next = URL.canParse(link, url.href) ? new URL(link, url) : undefined;
  const isOwn =
    next?.hostname === url.hostname && /^https?:$/.test(next.protocol) && next.protocol !== url.protocol;
  return next && isOwn ? `${url.origin}${next.pathname}${next.search}` : link;
}

/** The target of the link whose relation is `next` (RFC 8288, section 3); some registries leave its brackets out. */
export function nextLink(header: string): string | undefined {
  let rest = header.slice(0, HEADER_LIMIT);
  while (rest !== "") {
    const [target, after] = splitTarget(rest);
    const end = endOfParameters(after);
    if (isNext(after.slice(0, end))) return target === "" ? undefined : target;
    rest = after.slice(end + 1);
  }
  return undefined;
}

/** The target of the first link, and what follows it. */
function splitTarget(text: string): [target: string, after: string] {
  const trimmed = text.trimStart();
  const isBracketed = trimmed.startsWith("<");
  const end = trimmed.indexOf(isBracketed ? ">" : ";");
  if (end === -1) return ["", ""];
  return isBracketed
    ? [trimmed.slice(1, end).trim(), trimmed.slice(end + 1)]
    : [trimmed.slice(0, end).trim(), trimmed.slice(end)];
}

/** Where the parameters of a link end: at a comma that is not quoted. */
function endOfParameters(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (text[at] === "," && !quoted) return at;
  }
  return text.length;
}

function isNext(parameters: string): boolean {
  return parameters.split(";").some((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    const relations = value.trim().replaceAll('"', "").toLowerCase().split(" ");
    return name.trim().toLowerCase() === "rel" && relations.includes("next");
  });
}
