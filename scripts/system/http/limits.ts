import type { Clock } from "../environment.ts";
import { UserError } from "../errors.ts";
import type { HttpResponse } from "./message.ts";

/** What no request exceeds, whatever a server does. Times in milliseconds, sizes in bytes. */

const SECOND = 1000;
const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** Until there is a connection, a proxy's and TLS among it. */
  connect: 10 * SECOND,
  /** Until the first byte of an answer, or from one to the next; of what is sent, too. */
  idle: 60 * SECOND,
  /** Bytes in a second that a blob brings at least, in any stretch of that length. */
  pace: KIB,
  /** For a document, from the moment that it has a connection. */
  document: 120 * SECOND,
  /** Of an answer that is kept in memory, where nobody knows better: Alpine's largest documents have some 5 MB. */
  body: 32 * MIB,
  /** Of an answer that is not a good one: its first words are shown. */
  refusal: 64 * KIB,
  /** Connections to one server; more requests than this wait their turn. */
  connections: 16,
  redirects: 5,
  /** Of one list. */
  pages: 1000,
} as const;

/**
 * A manifest or an index. Source: OCI distribution specification 1.1, "Pushing Manifests": registries should take
 * those of 4 MiB, and need not take longer ones.
 */
export const MANIFEST_LIMIT = 4 * MIB;

/** Characters of a header that are read: all headers of an answer together have to be shorter (Node's own bound). */
export const HEADER_LIMIT = 16 * KIB;

/** Bytes in a second that the slowest network we put up with carries. */
const SLOWEST = 16 * KIB;

/** How long something of a known size may take. */
export function deadlineFor(size: number): number {
  return LIMITS.document + (size / SLOWEST) * SECOND;
}

/** Times in milliseconds. */
export interface RetryPolicy {
  /** How often a request is sent at most. */
  readonly attempts: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** A server that asks to wait longer than this gets no second request. */
  readonly longestRetryAfter: number;
}

export const DEFAULT_RETRIES: RetryPolicy = {
  attempts: 6,
  firstDelay: 250,
  longestDelay: 10_000,
  longestRetryAfter: 120_000,
};

/** Answers that another attempt may better. */
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Sends a request until it is answered for good, waiting longer each time, by chance up to the double so that
 * many clients do not come back at once. What is sent must be safe to repeat.
 * @param attempt sends it once; it is told how often that was tried before. What it throws with `mayPass: false` is
 *   not tried again
 * @returns the last answer, which may be a failure still
 * @throws what the last attempt threw when there was no answer; at once what no repetition can mend
 */
export async function withRetries(
  attempt: (before: number) => Promise<HttpResponse>,
  policy: RetryPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  for (let before = 0; ; before++) {
    signal?.throwIfAborted();
    const last = before + 1 >= policy.attempts;
    let wait = backoff(before, policy, clock);
    try {
      const response = await attempt(before);
      if (last || !PASSING_STATUSES.has(response.status)) return response;
      const asked = retryAfter(response, clock);
      if (asked !== undefined && asked > policy.longestRetryAfter) return response;
      wait = asked ?? wait;
    } catch (error) {
      signal?.throwIfAborted();
      if (last || !mayPass(error)) throw error;
    }
    await clock.sleep(wait, signal);
  }
}

function backoff(before: number, policy: RetryPolicy, clock: Clock): number {
  const delay = Math.min(policy.firstDelay * 2 ** before, policy.longestDelay);
  return delay * (0.5 + clock.random() / 2);
}

/** `Retry-After` in milliseconds; it is written in seconds or as a date (RFC 9110, section 10.2.3). */
function retryAfter(response: HttpResponse, clock: Clock): number | undefined {
  const value = response.headers["retry-after"];
  if (value === undefined) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - clock.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

function mayPass(error: unknown): boolean {
  const isLasting = error instanceof Error && "mayPass" in error && error.mayPass === false;
  return !isLasting && !(error instanceof UserError);
}
