import { HEADER_LIMIT } from "../system/http/limits.ts";
import type { HttpRequest, HttpResponse } from "../system/http/message.ts";
import { credentialsFor, type FoundCredentials } from "./credentials.ts";
import { basicHeader, type LoginOptions, type Need, Tokens, withAuthorization } from "./tokens.ts";

/** What a registry asks for with status 401 (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case: `realm`, `service`, `scope`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What stands at a place of a header; each of them reads a character once. */
const GAP = /[\s,]+/y;
const WORD = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)"/sy;
const BARE = /[^\s,"]+/y;

/**
 * Reads a `WWW-Authenticate` header, which may hold several challenges: words that begin one, and `name=value`. What
 * can be neither ends it.
 */
export function parseChallenges(whole: string): Challenge[] {
  const header = whole.slice(0, HEADER_LIMIT);
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  /** What a pattern finds here, which is then behind us. */
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(header) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  for (take(GAP); at < header.length; take(GAP)) {
    const word = take(WORD)?.[0].toLowerCase();
    if (word === undefined) break;
    if (!take(EQUALS)) {
      challenges.push({ scheme: word, parameters: Object.create(null) });
      continue;
    }
    const value = take(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1") ?? take(BARE)?.[0];
    const current = challenges.at(-1);
    if (current && value !== undefined) current.parameters[word] = value;
  }
  return challenges;
}

/**
 * Puts the `Authorization` on requests to one registry: nothing until it asks, then a password (Basic) or a
 * token for just the scopes needed (Bearer).
 */
export class Authenticator {
  readonly #options: LoginOptions;
  readonly #tokens: Tokens;
  #challenge: Challenge | undefined;
  #found: Promise<FoundCredentials> | undefined;
  #introduction: Promise<unknown> | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#tokens = new Tokens(options);
  }

  /** Sends a request; when the registry asks who we are, once more with the answer. */
  async send(request: HttpRequest, need: Need): Promise<HttpResponse> {
    const { root, transport } = this.#options;
    if (request.url.origin !== root.origin) return transport(request);
    const used = await this.#header(need);
    const response = await transport(withAuthorization(request, used));
    const mayHide = used === undefined && [403, 404].includes(response.status);
    if (mayHide) return this.#introduced(request, need, response);
    if (response.status !== 401) return response;
    const next = await this.#answer(response, need, used);
    return next === undefined || next === used ? response : transport(withAuthorization(request, next));
  }

  /**
   * A registry that lets strangers read some of it may hide the rest as if it were not there, and never ask who we are
   * (Artifactory with anonymous access does so). Who has credentials asks for its root once, as Docker does.
   */
  async #introduced(request: HttpRequest, need: Need, response: HttpResponse): Promise<HttpResponse> {
    this.#introduction ??= this.#introduce(need);
    await this.#introduction.catch((error: unknown) => {
      // Whoever comes next asks again.
      this.#introduction = undefined;
      throw error;
    });
    const header = await this.#header(need);
    return header === undefined ? response : this.#options.transport(withAuthorization(request, header));
  }

  /** Has the registry ask who we are. @returns the answer; undefined where there is none, or it does not ask */
  async #introduce(need: Need): Promise<string | undefined> {
    const { root, transport } = this.#options;
    if (!(await this.#credentials(need.repository)).credentials) return undefined;
    const closed = await transport({ method: "GET", url: new URL("/v2/", root), signal: need.signal });
    return closed.status === 401 ? this.#answer(closed, need) : undefined;
  }

  /** Where the credentials for a repository came from, for error messages. */
  async source(repository: string): Promise<string> {
    return (await this.#credentials(repository)).source;
  }

  /** Whether the registry's root is closed to strangers, and opens to the credentials for a repository. */
  async isTaken(repository: string, signal?: AbortSignal): Promise<boolean> {
    const { root, transport } = this.#options;
    const header = await this.#introduce({ repository, scopes: [], signal });
    if (header === undefined) return false;
    const request = { method: "GET", url: new URL("/v2/", root), signal };
    return (await transport(withAuthorization(request, header))).status === 200;
  }

  /** What to send without having been asked: what the registry wanted last time. */
  async #header(need: Need): Promise<string | undefined> {
    const found = () => this.#credentials(need.repository);
    if (!this.#challenge) return undefined;
    const { scheme, parameters } = this.#challenge;
    if (scheme === "basic") return basicHeader((await found()).credentials);
    return this.#tokens.header({ ...need, parameters, found });
  }

  /** What to send now that the registry has answered 401; undefined when there is nothing. */
  async #answer(response: HttpResponse, need: Need, refused?: string): Promise<string | undefined> {
    // Another server, to which we were redirected, is not answered: it would be told our password, and so would the
    // place that it names to get a token from.
    if (response.url.origin !== this.#options.root.origin) return undefined;
    const challenges = parseChallenges(response.headers["www-authenticate"] ?? "");
    const asked = (name: string) => challenges.find(({ scheme }) => scheme === name);
    const challenge = asked("bearer") ?? asked("basic");
    if (!challenge) return undefined;
    this.#challenge = challenge;
    if (refused !== undefined) {
      // Unless another request has already replaced it.
      await this.#tokens.forget(refused, need);
      const { credentials } = await this.#credentials(need.repository);
      if (basicHeader(credentials) === refused) this.#found = undefined;
    }
    return this.#header(need);
  }

  async #credentials(repository: string): Promise<FoundCredentials> {
    const { lookup, registry, clock } = this.#options;
    const known = this.#found;
    const kept = await known;
    const isGood = kept && (kept.renewAt ?? Number.POSITIVE_INFINITY) > clock.now();
    // While we waited another request may have looked already.
    if (!isGood && this.#found === known) this.#found = undefined;
    this.#found ??= lookup(registry);
    return credentialsFor(await this.#found, repository);
  }
}
