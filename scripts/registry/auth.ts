import { z } from "zod";
import type { Clock } from "../system/environment.ts";
import type { HttpRequest, HttpResponse, Transport } from "../system/http/message.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import {
  type CredentialLookup,
  type Credentials,
  credentialsFor,
  type FoundCredentials,
} from "./credentials.ts";
import { RegistryError, readErrorBody } from "./errors.ts";

/** Distribution's token specification ("Token Authentication Specification"): a token, seconds it is good for. */
const tokenSchema = z.looseObject({
  token: z.string().nullish(),
  access_token: z.string().nullish(),
  // Some write it as text.
  expires_in: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform((seconds) => Number(seconds)),
    ])
    .optional()
    .catch(undefined),
});

/** A token without `expires_in` is good for so many seconds, by the same specification. */
const DEFAULT_LIFETIME = 60;

/** A token is renewed so many milliseconds before its end, that it may not end on the way. */
const RENEWAL_MARGIN = 10_000;

interface Token {
  readonly header: string;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
}

export interface AuthenticatorOptions {
  /** `HOST[:PORT]` as credentials are kept under. */
  readonly registry: string;
  /** The registry's root: requests to any other origin never carry credentials. */
  readonly root: URL;
  readonly transport: Transport;
  /** Sends what gets a token, with its own retries. */
  readonly tokenTransport: Transport;
  readonly lookup: CredentialLookup;
  readonly clock: Clock;
}

/**
 * Puts the `Authorization` on requests to one registry: nothing until it asks, then a password (Basic) or a
 * token for just the scopes needed (Bearer), kept until it ends. Many requests at once share one token.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  #challenge: Challenge | undefined;
  #found: Promise<FoundCredentials> | undefined;
  #introduction: Promise<void> | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * Sends a request; when the registry asks who we are, once more with the answer.
   * @param scopes what the request needs, such as `repository:base/node:pull`
   */
  async send(request: HttpRequest, scopes: readonly string[]): Promise<HttpResponse> {
    const { root, transport } = this.#options;
    if (request.url.origin !== root.origin) return transport(request);
    const used = await this.#header(scopes, request.signal);
    const response = await transport(withAuthorization(request, used));
    if (used === undefined && HIDING.has(response.status)) return this.#introduced(request, scopes, response);
    if (response.status !== 401) return response;
    const next = await this.#answer(response, scopes, used, request.signal);
    return next === undefined || next === used ? response : transport(withAuthorization(request, next));
  }

  /**
   * A registry that lets strangers read some of it may hide the rest as if it were not there, and never ask who we are
   * (Artifactory with anonymous access does so). Who has credentials asks its front door once, as Docker does.
   */
  async #introduced(
    request: HttpRequest,
    scopes: readonly string[],
    response: HttpResponse,
  ): Promise<HttpResponse> {
    const { root, transport } = this.#options;
    const { signal } = request;
    this.#introduction ??= (async () => {
      if (!(await this.#credentials(repositoryOf(scopes))).credentials) return;
      const door = await transport({ method: "GET", url: new URL("/v2/", root), signal });
      if (door.status === 401) await this.#answer(door, scopes, undefined, signal);
    })();
    await this.#introduction.catch((error: unknown) => {
      // Whoever comes next asks anew.
      this.#introduction = undefined;
      throw error;
    });
    const header = await this.#header(scopes, signal);
    return header === undefined ? response : transport(withAuthorization(request, header));
  }

  /** Where the credentials for a repository came from, for error messages. */
  async source(repository: string): Promise<string> {
    return (await this.#credentials(repository)).source;
  }

  /**
   * Whether an address that is closed to nobody in particular opens to the credentials for a repository.
   * @returns false where there are none, or it is open to everybody, which says nothing of them
   */
  async isTaken(url: URL, repository: string, signal?: AbortSignal): Promise<boolean> {
    const { transport } = this.#options;
    if (!(await this.#credentials(repository)).credentials) return false;
    const closed = await transport({ method: "GET", url, signal });
    if (closed.status !== 401) return false;
    const header = await this.#answer(closed, [], undefined, signal, repository);
    if (header === undefined) return false;
    return (await transport(withAuthorization({ method: "GET", url, signal }, header))).status === 200;
  }

  /** What to send without having been asked: what the registry wanted last time. */
  async #header(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (!this.#challenge) return undefined;
    if (this.#challenge.scheme === "basic") {
      return basic((await this.#credentials(repositoryOf(scopes))).credentials);
    }
    return (await this.#token(this.#challenge, scopes, signal)).header;
  }

  /** What to send now that the registry has answered 401; undefined when there is nothing. */
  async #answer(
    response: HttpResponse,
    scopes: readonly string[],
    refused: string | undefined,
    signal?: AbortSignal,
    repository = repositoryOf(scopes),
  ): Promise<string | undefined> {
    // Another server, to which we were redirected, has nothing to ask: the answer would be our password, and what it
    // names as the place to get a token from would be told it too.
    if (response.url.origin !== this.#options.root.origin) return undefined;
    const challenges = parseChallenges(response.headers["www-authenticate"] ?? "");
    const challenge =
      challenges.find(({ scheme }) => scheme === "bearer") ??
      challenges.find(({ scheme }) => scheme === "basic");
    if (!challenge) return undefined;
    this.#challenge = challenge;
    await this.#forget(refused, scopes);
    if (challenge.scheme === "bearer")
      return (await this.#token(challenge, scopes, signal, repository)).header;
    return basic((await this.#credentials(repository)).credentials);
  }

  /** Drops what was refused, unless another request has already replaced it. */
  async #forget(refused: string | undefined, scopes: readonly string[]): Promise<void> {
    if (refused === undefined) return;
    const key = scopes.join(" ");
    const token = await this.#tokens.get(key);
    if (token?.header === refused) this.#tokens.delete(key);
    if (basic((await this.#credentials(repositoryOf(scopes))).credentials) === refused)
      this.#found = undefined;
  }

  async #credentials(repository: string): Promise<FoundCredentials> {
    return credentialsFor(await this.#lookUp(), repository);
  }

  async #lookUp(): Promise<FoundCredentials> {
    const { lookup, registry, clock } = this.#options;
    const known = this.#found;
    const kept = await known;
    if (kept && (kept.renewAt ?? Number.POSITIVE_INFINITY) > clock.now()) return kept;
    // While we waited another request may have looked anew already.
    const newer = this.#found !== known ? this.#found : undefined;
    this.#found = newer ?? lookup(registry);
    return this.#found;
  }

  async #token(
    challenge: Challenge,
    scopes: readonly string[],
    signal?: AbortSignal,
    repository = repositoryOf(scopes),
  ): Promise<Token> {
    // Without a scope a token is of whoever asks, and that depends on the repository.
    const key = scopes.length > 0 ? scopes.join(" ") : `as for ${repository}`;
    const known = this.#tokens.get(key);
    const kept = await known;
    if (kept && kept.renewAt > this.#options.clock.now()) return kept;
    // While we waited another request may have asked for a new one already.
    const newer = this.#tokens.get(key);
    if (newer && newer !== known) return newer;
    const token = this.#fetchToken(challenge, scopes, repository, signal);
    this.#tokens.set(key, token);
    token.catch(() => this.#tokens.delete(key));
    return token;
  }

  async #fetchToken(
    challenge: Challenge,
    scopes: readonly string[],
    repository: string,
    signal?: AbortSignal,
  ): Promise<Token> {
    const { registry, clock } = this.#options;
    const realm = this.#realm(challenge);
    const found = await this.#credentials(repository);
    const wanted = challenge.parameters.scope;
    const all = wanted && !scopes.includes(wanted) ? [...scopes, wanted] : scopes;
    const request = tokenRequest(realm, challenge.parameters.service, all, found.credentials);
    const response = await this.#options.tokenTransport({ ...request, signal });
    const failure = { registry, action: `get a token from ${realm.host}`, credentials: found.source };
    if (response.status !== 200) {
      throw new RegistryError({ ...failure, status: response.status, ...readErrorBody(response.body) });
    }
    const parsed = tokenSchema.safeParse(tryJson(response.body));
    const token = parsed.data?.token || parsed.data?.access_token;
    if (!token) throw new RegistryError({ ...failure, detail: "the answer holds no token" });
    const lifetime = (parsed.data?.expires_in ?? DEFAULT_LIFETIME) * 1000;
    return { header: `Bearer ${token}`, renewAt: clock.now() + lifetime - RENEWAL_MARGIN };
  }

  /** A registry spoken to over TLS must not have our password sent in the open. */
  #realm(challenge: Challenge): URL {
    const { registry, root } = this.#options;
    const text = challenge.parameters.realm ?? "";
    const realm = URL.canParse(text) ? new URL(text) : undefined;
    if (realm && (realm.protocol === "https:" || root.protocol === "http:")) return realm;
    const detail = `it names no safe place to get a token from: ${JSON.stringify(cleanLine(text, 100))}`;
    throw new RegistryError({ registry, action: "log in", detail });
  }
}

/** The repository that a request is about: its first scope, `repository:NAME:ACTIONS`, has it. */
function repositoryOf(scopes: readonly string[]): string {
  return scopes[0]?.split(":")[1] ?? "";
}

/** What a registry answers to a stranger about what it hides. */
const HIDING = new Set([403, 404]);

/** GET with a password or anonymously; POST with a refresh token, as OAuth 2 has it. */
function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  credentials: Credentials | undefined,
): HttpRequest {
  if (credentials && "identityToken" in credentials) {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: credentials.identityToken,
      client_id: "birdhouse",
      scope: scopes.join(" "),
      ...(service !== undefined && { service }),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url: realm, headers, body: Buffer.from(form.toString()) };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return withAuthorization({ method: "GET", url }, basic(credentials));
}

function basic(credentials: Credentials | undefined): string | undefined {
  if (!credentials || !("username" in credentials)) return undefined;
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}

function tryJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
