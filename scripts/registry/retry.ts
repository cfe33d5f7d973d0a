import { setTimeout as delay } from "node:timers/promises";
import { RegistryError } from "./errors.ts";
import type { HttpResponse } from "./http.ts";

/** Time and chance, passed in so that tests need neither. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal && { signal }),
  random: Math.random,
};

/** Times in milliseconds. */
export interface RetryPolicy {
  /** How often a request is sent at most. */
  readonly attempts: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** A registry that asks to wait longer than this gets no second request. */
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

/** Failures that stay: certificates, a protocol that is not HTTP(S), and files of our own. */
const LASTING_CODES = /CERT|TLS|SELF_SIGNED|UNABLE_TO_|EPROTO|WRONG_VERSION|ENOENT|EACCES|ERR_INVALID/;

/**
 * Sends a request until it is answered for good, waiting longer each time, by chance up to the double so that
 * many clients do not come back at once. What is sent must be safe to repeat.
 * @param attempt sends it once; it is told how often that was tried before
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
      if (last || isLasting(error)) throw error;
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

function isLasting(error: unknown): boolean {
  if (error instanceof RegistryError) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return LASTING_CODES.test(code);
}
