import { isOpen, type LedgerEntry } from "./ledger.ts";

/** How long fixes take from Alpine to those who pull; all times in milliseconds. */
export interface Latency {
  /** How many were fixed by Alpine and then published in the last 180 days: what the figures are made of. */
  readonly published: number;
  /** The median and what 95 of 100 keep to, by nearest rank; undefined where none was published. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  /** How many Alpine has fixed that are not published yet. */
  readonly waiting: number;
  /** How long the longest of these waits; undefined where none does. */
  readonly longestWaiting: number | undefined;
}

/** Days that the percentiles look back: what was slow a year ago says little of today. */
export const LATENCY_DAYS = 180;

/**
 * How long fixes take, by what ledgers tell: from when Alpine offered a fix of what we had published, to when we published
 * it. What waits still is no part of the percentiles, and told beside them. Pure.
 */
export function latencyOf(entries: readonly LedgerEntry[], now: Date): Latency {
  const oldest = now.getTime() - LATENCY_DAYS * 86_400_000;
  const took = entries
    .filter(({ publishedByUs }) => publishedByUs && Date.parse(publishedByUs.time) >= oldest)
    .flatMap((one) => latencyIn(one) ?? [])
    .sort((a, b) => a - b);
  const waiting = entries.flatMap((one) => waitIn(one, now) ?? []);
  return {
    published: took.length,
    p50: percentile(took, 50),
    p95: percentile(took, 95),
    waiting: waiting.length,
    longestWaiting: waiting.length === 0 ? undefined : Math.max(...waiting),
  };
}

/** Milliseconds from Alpine's fix to ours; undefined where one of the two is not there. */
export function latencyIn(entry: LedgerEntry): number | undefined {
  const { publishedByUs } = entry;
  const from = startOf(entry);
  if (from === undefined || !publishedByUs) return undefined;
  return Math.max(0, Date.parse(publishedByUs.time) - from);
}

/** Milliseconds for which a fix has been waiting to be published; undefined where none is. */
export function waitIn(entry: LedgerEntry, now: Date): number | undefined {
  const from = startOf(entry);
  return from === undefined || !isOpen(entry) ? undefined : Math.max(0, now.getTime() - from);
}

/** A fix that was there before we had the vulnerability, as after a rollback, makes nobody wait before that. */
function startOf({ fixedByAlpine, firstSeen }: LedgerEntry): number | undefined {
  return fixedByAlpine && Math.max(Date.parse(fixedByAlpine.since), Date.parse(firstSeen));
}

/** By nearest rank, so that it is a figure that was measured. @param sorted the smallest first */
function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}
