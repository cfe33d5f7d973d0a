import { z } from "zod";
import type { Clock } from "../system/environment.ts";
import type { HttpRequest, Transport } from "../system/http/message.ts";
import { tryJson } from "../system/json.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import type { CredentialLookup, Credentials, FoundCredentials } from "./credentials.ts";
import { RegistryError, readErrorBody } from "./errors.ts";

/** Distribution's token specification ("Token Authentication Specification"): a token, seconds it is good for. */
const tokenSchema = z.looseObject({
  token: z.string().nullish(),
  access_token: z.string().nullish(),
  // Some write it as text.
  expires_in: z
    .union([z.number(), z.string().regex(/^\d{1,9}$/)])
    .optional()
    .catch(undefined),
});

/** A token without `expires_in` is good for so many seconds, by the same specification. */
const DEFAULT_LIFETIME = 60;

/** Milliseconds before its end at which a token is renewed, so that it does not end during a request. */
const RENEWAL_MARGIN = 10_000;

interface Token {
  readonly header: string;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
}

/** What logging in to a registry takes. */
export interface LoginOptions {
  /** `HOST[:PORT]` as credentials are kept under. */
  readonly registry: string;
  /** The registry's root: requests to any other origin never carry credentials. */
  readonly root: URL;
  readonly transport: Transport;
  /** Sends what gets a token, with its own retries. */
  readonly tokenTransport: Transport;
  readonly lookup: CredentialLookup;
  readonly clock: Pick<Clock, "now">;
}

/** What a request needs. */
export interface Need {
  /** Whose credentials are used. */
  readonly repository: string;
  /** Rights, such as `repository:base/node:pull`. */
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

interface TokenRequest extends Need {
  /** What the registry named when it asked for a token: `realm`, `service`, `scope`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly found: () => Promise<FoundCredentials>;
}

/** The tokens of one registry, each for just the scopes needed, kept until it ends. Requests at one time share one. */
export class Tokens {
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(private readonly options: LoginOptions) {}

  /** The `Authorization` for some scopes. @throws RegistryError */
  async header(request: TokenRequest): Promise<string> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    const kept = await known;
    if (kept && kept.renewAt > this.options.clock.now()) return kept.header;
    // While we waited another request may have asked for a new one already.
    let token = this.#tokens.get(key);
    if (!token || token === known) {
      token = this.#fetch(request);
      this.#tokens.set(key, token);
      token.catch(() => this.#tokens.delete(key));
    }
    return (await token).header;
  }

  /** Drops what was refused, unless another request has already replaced it. */
  async forget(refused: string, need: Need): Promise<void> {
    const key = keyOf(need);
    if ((await this.#tokens.get(key))?.header === refused) this.#tokens.delete(key);
  }

  async #fetch({ parameters, scopes, found, signal }: TokenRequest): Promise<Token> {
    const { registry, clock, tokenTransport } = this.options;
    const realm = this.#realm(parameters.realm ?? "");
    const { credentials, source } = await found();
    const wanted = parameters.scope;
    const all = wanted && !scopes.includes(wanted) ? [...scopes, wanted] : scopes;
    const request = tokenRequest(realm, parameters.service, all, credentials);
    const response = await tokenTransport({ ...request, signal });
    const failure = { registry, action: `get a token from ${realm.host}`, credentials: source };
    if (response.status !== 200) {
      throw new RegistryError({ ...failure, status: response.status, ...readErrorBody(response.body) });
    }
    const answer = tokenSchema.safeParse(tryJson(response.body)).data;
    const token = answer?.token || answer?.access_token;
    if (!token) throw new RegistryError({ ...failure, detail: "the answer holds no token" });
    const lifetime = Number(answer?.expires_in ?? DEFAULT_LIFETIME) * 1000;
    return { header: `Bearer ${token}`, renewAt: clock.now() + lifetime - RENEWAL_MARGIN };
  }

  /** A registry spoken to over TLS must not have our password sent unencrypted. */
  #realm(text: string): URL {
    const { registry, root } = this.options;
    const realm = URL.canParse(text) ? new URL(text) : undefined;
    if (realm && (realm.protocol === "https:" || root.protocol === "http:")) return realm;
    const detail = `it names no safe place to get a token from: ${JSON.stringify(cleanLine(text, 100))}`;
    throw new RegistryError({ registry, action: "log in", detail });
  }
}

/** Without a scope a token is of whoever asks, and that depends on the repository. */
function keyOf({ scopes, repository }: Need): string {
  return scopes.length > 0 ? scopes.join(" ") : `as for ${repository}`;
}

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
  return withAuthorization({ method: "GET", url }, basicHeader(credentials));
}

/** The `Authorization` for a password; undefined where there is none. Source: RFC 7617 */
export function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (!credentials || !("username" in credentials)) return undefined;
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** The request with an `Authorization`, if there is one. */
export function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}
