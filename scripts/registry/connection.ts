import { type Clock, systemClock } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { reasonOf } from "../system/http/error.ts";
import { followRedirects, followUp, Pages } from "../system/http/follow.ts";
import { createTransport } from "../system/http/http.ts";
import { DEFAULT_RETRIES, type RetryPolicy, withRetries } from "../system/http/limits.ts";
import type { HttpRequest, HttpResponse, Transport } from "../system/http/message.ts";
import { Authenticator } from "./auth.ts";
import { type CredentialLookup, dockerCredentials, remembering } from "./credentials.ts";
import { isRefusal, RegistryError, readErrorBody } from "./errors.ts";
import { registryUrl } from "./reference.ts";
import type { Need } from "./tokens.ts";

export interface RegistryOptions {
  readonly transport?: Transport;
  readonly credentials?: CredentialLookup;
  readonly retries?: RetryPolicy;
  readonly clock?: Clock;
  /** Ends every call that has no signal of its own. */
  readonly signal?: AbortSignal | undefined;
}

/** What is wanted of a repository: each kind includes those before it. */
const ACTIONS = { pull: "pull", push: "pull,push", delete: "pull,push,delete" } as const;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * What is refused counts as not there. Some registries refuse everything about a repository that does not exist yet
   * (Harbor, GitLab, GHCR and Docker Hub do, by 401 or 403): whether we may write, only writing tells.
   */
  readonly refusedIsAbsent?: boolean | undefined;
  /** The rights to ask for, unless it is `pull`: a repository that is about to be written is asked about as its writer. */
  readonly access?: keyof typeof ACTIONS | undefined;
}

/** One thing asked of a registry. */
export interface Call extends CallOptions {
  /** What is being done, for errors: `read the manifest of 22`. */
  readonly action: string;
  readonly repository: string;
  /** Another repository that the call reads from. */
  readonly source?: string | undefined;
}

/** A request, with its path under `/v2/REPOSITORY/`. */
export type RequestParts = Pick<HttpRequest, "method" | "headers" | "body" | "saveTo" | "limit"> & {
  readonly path: string;
};

/** Says of a status whether it is an answer to a call. */
type IsAnswer = (status: number) => boolean;

/** Talks to one registry: logs in, repeats what fails for the moment, and puts failures into words. */
export class Connection {
  readonly #root: URL;
  readonly #authenticator: Authenticator;
  readonly #options: RegistryOptions;

  constructor(
    readonly host: string,
    options: RegistryOptions,
  ) {
    const transport = followRedirects(options.transport ?? createTransport());
    this.#root = registryUrl(host);
    this.#options = options;
    this.#authenticator = new Authenticator({
      registry: host,
      root: this.#root,
      transport,
      tokenTransport: (request) => this.#repeat(() => transport(request), request.signal),
      lookup: remembering(options.credentials ?? dockerCredentials()),
      clock: options.clock ?? systemClock,
    });
  }

  /** Sends a request until it is answered for good. @throws RegistryError for any status that is no answer */
  async send(call: Call, request: RequestParts, isAnswer: IsAnswer): Promise<HttpResponse> {
    const { path, ...parts } = request;
    const url = this.url(call.repository, path);
    const response = await this.repeat(call, () => this.sendOnce(call, { ...parts, url }));
    if (!isAnswer(response.status)) throw await this.failure(call, response);
    return response;
  }

  /** The same; undefined where it was refused, and the caller takes that for "not there". */
  async read(call: Call, request: RequestParts, isAnswer: IsAnswer): Promise<HttpResponse | undefined> {
    return this.send(call, request, isAnswer).catch((error: unknown) => {
      if (call.refusedIsAbsent && error instanceof RegistryError && error.isRefusal) return undefined;
      throw error;
    });
  }

  /** The pages of a list. @throws RegistryError also where it leads elsewhere, in circles, or has no end */
  async *pages(call: Call, path: string, isAnswer: IsAnswer): AsyncGenerator<HttpResponse> {
    const pages = new Pages();
    let next: string | undefined = path;
    while (next !== undefined) {
      const response = await this.read(call, { method: "GET", path: next }, isAnswer);
      if (!response) return;
      yield response;
      next = response.status === 200 ? this.check(call, () => pages.after(response)) : undefined;
    }
  }

  /** The address of something in a repository. */
  url(repository: string, path: string): URL {
    return new URL(path, new URL(`/v2/${repository}/`, this.#root));
  }

  /**
   * Sends a request once, whatever comes of it.
   * @throws HttpError where it would go from https to http: only the header `Location` leads away from a registry
   */
  async sendOnce(call: Call, request: HttpRequest): Promise<HttpResponse> {
    followUp(request.url.href, "Location", this.#root);
    const signal = this.#signalOf(call);
    return this.#authenticator.send({ ...request, signal }, { ...needOf(call), signal });
  }

  /**
   * Whether the registry takes the credentials for a repository, which it may hide all the same; false where there are
   * none, or it does not say. Source: distribution spec 1.1, "Determining Support"
   */
  async isLoggedIn(repository: string, signal?: AbortSignal): Promise<boolean> {
    try {
      return await this.#authenticator.isTaken(repository, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UserError) throw error;
      return false;
    }
  }

  /** Repeats what fails for the moment; no answer at all becomes a `RegistryError`. */
  async repeat(call: Call, attempt: (before: number) => Promise<HttpResponse>): Promise<HttpResponse> {
    try {
      return await this.#repeat(attempt, this.#signalOf(call));
    } catch (error) {
      this.#signalOf(call)?.throwIfAborted();
      if (error instanceof RegistryError || error instanceof UserError) throw error;
      throw this.error(call, explain(error, this.#root), error);
    }
  }

  /** Turns what a check throws into a `RegistryError`: of bytes that are not what they should be, or a list. */
  check<T>(call: Call, check: () => T): T {
    try {
      return check();
    } catch (error) {
      throw this.error(call, explain(error, this.#root), error);
    }
  }

  /** The error for an answer that was not wanted. */
  async failure(call: Call, response: HttpResponse): Promise<RegistryError> {
    const { status } = response;
    const { repository, action } = call;
    const credentials = isRefusal(status) ? await this.#authenticator.source(repository) : undefined;
    const said = readErrorBody(response.body);
    return new RegistryError({ registry: this.host, repository, action, status, ...said, credentials });
  }

  /** The error for anything else that went wrong with a call. */
  error(call: Call, detail: string, cause?: unknown): RegistryError {
    const { repository, action } = call;
    return new RegistryError({ registry: this.host, repository, action, detail }, { cause });
  }

  #signalOf({ signal }: Call): AbortSignal | undefined {
    return signal ?? this.#options.signal;
  }

  #repeat(attempt: (before: number) => Promise<HttpResponse>, signal?: AbortSignal): Promise<HttpResponse> {
    const { retries = DEFAULT_RETRIES, clock = systemClock } = this.#options;
    return withRetries(attempt, retries, clock, signal);
  }
}

/** Token specification of Distribution: `repository:NAME:ACTIONS`. */
function needOf({ repository, access = "pull", source }: Call): Need {
  const own = `repository:${repository}:${ACTIONS[access]}`;
  return { repository, scopes: source === undefined ? [own] : [own, `repository:${source}:pull`] };
}

/** A network failure in words. */
function explain(error: unknown, { origin }: URL): string {
  const message = reasonOf(error, origin);
  if (message.includes("leads from https to http")) {
    return `${message}: the proxy before the registry must tell it of https (X-Forwarded-Proto, or its own setting)`;
  }
  if (!/wrong.version.number/i.test(message)) return message;
  return `it does not speak HTTPS, and plain HTTP is only for a registry on this machine (${message})`;
}
