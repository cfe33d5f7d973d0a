import type { HttpResponse } from "./http.ts";
import { HTTP_CODE, HttpError } from "./http-error.ts";
import { HEADER_LIMIT, LIMITS } from "./http-limits.ts";
import { followUp } from "./http-redirect.ts";

/**
 * Leads through the pages of one list (RFC 8288, "Web Linking"; distribution spec 1.1, "Listing Tags"): each of the
 * same origin, none twice, and not more than a bounded number.
 */
export class Pages {
  readonly #seen = new Set<string>();
  #origin: string | undefined;

  /**
   * The address of the page after this one; undefined where it is the last.
   * @throws HttpError where the header `Link` leads elsewhere, in circles, or on without an end
   */
  after(page: HttpResponse): string | undefined {
    const { url } = page;
    this.#origin ??= url.origin;
    this.#seen.add(url.href);
    const link = nextLink(page.headers.link ?? "");
    if (link === undefined) return undefined;
    const next = followUp(link, "link", url);
    const refuse = (why: string) =>
      new HttpError(url, `the header Link of its answer ${why}`, HTTP_CODE.refused);
    if (next.origin !== this.#origin) throw refuse(`leads to another server (${next.host})`);
    if (this.#seen.has(next.href))
      throw refuse("leads back to a page that has been read: the list has no end");
    if (this.#seen.size >= LIMITS.pages) throw refuse(`leads on after ${LIMITS.pages} pages`);
    return next.href;
  }
}

/** The target of the link whose relation is `next`, as it is written. Reads each character but a few times. */
export function nextLink(whole: string): string | undefined {
  const header = whole.slice(0, HEADER_LIMIT);
  for (let at = header.indexOf("<"); at >= 0; ) {
    const end = header.indexOf(">", at);
    if (end < 0) return undefined;
    const following = header.indexOf("<", end);
    const parameters = header.slice(end + 1, following < 0 ? undefined : following);
    if (isNext(parameters)) return header.slice(at + 1, end);
    at = following;
  }
  return undefined;
}

function isNext(parameters: string): boolean {
  return parameters.split(/[;,]/).some((parameter) => {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() !== "rel") return false;
    const relations = value.trim().replace(/^"|"$/g, "").toLowerCase().split(/\s+/);
    return relations.includes("next");
  });
}
