import { messageOf, UserError } from "../system/errors.ts";
import { Authenticator } from "./auth.ts";
import { type CredentialLookup, dockerCredentials } from "./credentials.ts";
import { RegistryError, readErrorBody } from "./errors.ts";
import {
  createTransport,
  followRedirects,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "./http.ts";
import { registryUrl } from "./reference.ts";
import { remembering } from "./remembering.ts";
import { type Clock, DEFAULT_RETRIES, type RetryPolicy, systemClock, withRetries } from "./retry.ts";

export interface RegistryOptions {
  readonly transport?: Transport;
  readonly credentials?: CredentialLookup;
  readonly retries?: RetryPolicy;
  readonly clock?: Clock;
}

/** What is wanted of a repository: each kind includes those before it. */
export type Access = "pull" | "push" | "delete";

const ACTIONS: Readonly<Record<Access, string>> = {
  pull: "pull",
  push: "pull,push",
  delete: "pull,push,delete",
};

/** One thing asked of a registry. */
export interface Call {
  /** What is being done, for errors: `read the manifest of 22`. */
  readonly action: string;
  readonly repository: string;
  readonly access: Access;
  /** Another repository that the call reads from. */
  readonly source?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A request, with its path under `/v2/REPOSITORY/`. */
export type RequestParts = Pick<HttpRequest, "method" | "headers" | "body" | "saveTo"> & {
  readonly path: string;
};

/** Talks to one registry: identifies itself, repeats what fails in passing, and puts failures into words. */
export class Session {
  readonly #root: URL;
  readonly #authenticator: Authenticator;
  readonly #retries: RetryPolicy;
  readonly #clock: Clock;

  constructor(
    readonly host: string,
    options: RegistryOptions,
  ) {
    const transport = followRedirects(options.transport ?? createTransport());
    this.#root = registryUrl(host);
    this.#retries = options.retries ?? DEFAULT_RETRIES;
    this.#clock = options.clock ?? systemClock;
    this.#authenticator = new Authenticator({
      registry: host,
      root: this.#root,
      transport,
      tokenTransport: (request) => this.#repeat(() => transport(request), request.signal),
      lookup: remembering(options.credentials ?? dockerCredentials()),
      clock: this.#clock,
    });
  }

  /**
   * Sends a request until it is answered for good.
   * @param accepted the statuses that are answers; any other is thrown as a `RegistryError`
   */
  async send(call: Call, request: RequestParts, accepted: readonly number[]): Promise<HttpResponse> {
    const { path, ...parts } = request;
    const url = this.url(call.repository, path);
    const response = await this.repeat(call, () => this.sendOnce(call, { ...parts, url }));
    if (!accepted.includes(response.status)) throw await this.failure(call, response);
    return response;
  }

  /** The address of something in a repository. */
  url(repository: string, path: string): URL {
    return new URL(path, new URL(`/v2/${repository}/`, this.#root));
  }

  /** Sends a request once, whatever comes of it. */
  sendOnce(call: Call, request: HttpRequest): Promise<HttpResponse> {
    return this.#authenticator.send({ ...request, signal: call.signal }, scopesOf(call));
  }

  /** Repeats what fails in passing; no answer at all becomes a `RegistryError`. */
  async repeat(call: Call, attempt: (before: number) => Promise<HttpResponse>): Promise<HttpResponse> {
    try {
      return await this.#repeat(attempt, call.signal);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof RegistryError || error instanceof UserError) throw error;
      throw this.error(call, explain(error), error);
    }
  }

  /** The error for an answer that was not wanted. */
  async failure(call: Call, response: HttpResponse): Promise<RegistryError> {
    const refused = response.status === 401 || response.status === 403;
    return new RegistryError({
      registry: this.host,
      repository: call.repository,
      action: call.action,
      status: response.status,
      ...readErrorBody(response.body),
      ...(refused && { credentials: await this.#authenticator.source() }),
    });
  }

  /** The error for anything else that went wrong with a call. */
  error(call: Call, detail: string, cause?: unknown): RegistryError {
    const { repository, action } = call;
    return new RegistryError({ registry: this.host, repository, action, detail }, { cause });
  }

  #repeat(attempt: (before: number) => Promise<HttpResponse>, signal?: AbortSignal): Promise<HttpResponse> {
    return withRetries(attempt, this.#retries, this.#clock, signal);
  }
}

/** Token specification of Distribution: `repository:NAME:ACTIONS`. */
function scopesOf({ repository, access, source }: Call): string[] {
  const own = `repository:${repository}:${ACTIONS[access]}`;
  return source === undefined ? [own] : [own, `repository:${source}:pull`];
}

/** A network failure in words. Node's error for several addresses tried has its text in its parts. */
function explain(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const message = messageOf(first);
  if (!/wrong.version.number/i.test(message)) return message;
  return `it does not speak HTTPS, and plain HTTP is only for a registry on this machine (${message})`;
}
