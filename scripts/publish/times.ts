/** Times that options of the command line are held against; alone, so that reading options loads nothing else. */

const HOUR_MS = 3_600_000;

/** Milliseconds: no lease is longer, so a lock that says it holds for longer was written by a clock that is wrong. */
export const LONGEST_LEASE = 24 * HOUR_MS;

const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
/** A hold is for the time until something is mended; who wants a version no longer takes it out of the catalog. */
const LONGEST_HOLD = 366 * 24 * HOUR_MS;

/** `12h`, `7d` or `2w` in milliseconds; undefined where a text is no such time, or more than a year. */
export function millisecondsOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? [];
  const sum = Number(number) * (UNITS[unit] ?? 0);
  return sum > 0 && sum <= LONGEST_HOLD ? sum : undefined;
}
