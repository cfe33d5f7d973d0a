/** What is reason enough to rebuild an image that is published, and when. */
export interface Policy {
  /** `security`: of the packages and base images that moved, only what fixes a known vulnerability counts. */
  readonly for: "anything" | "security";
  /** No two rebuilds within so many days, but for a new or changed image, or one that was asked for. */
  readonly notWithin?: number;
  /** A rebuild after so many days, whether anything moved or not. */
  readonly maxAge?: number;
  /** How many images a tag's history keeps, with a tag of their own each: what is older may be pruned. */
  readonly keep: number;
}

export const DEFAULT_POLICY: Policy = { for: "anything", keep: 10 };

/** The days that a duration of the catalog stands for: `7d` → 7. */
export function daysOf(duration: string): number {
  return Number.parseInt(duration, 10);
}

const HOUR_MS = 3_600_000;

/** Milliseconds that a publish lock can be leased for: one that claims more was written by a clock that is wrong. */
export const LONGEST_LEASE = 24 * HOUR_MS;

const TIME_UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
/** A hold lasts until something is repaired; a version that nobody wants is taken out of the catalog instead. */
const LONGEST_HOLD = 366 * 24 * HOUR_MS;

/** How long tags are held, `12h`, `7d` or `2w`, in milliseconds; undefined where it is no such time, or over a year. */
export function millisecondsOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? [];
  const sum = Number(number) * (TIME_UNITS[unit] ?? 0);
  return sum > 0 && sum <= LONGEST_HOLD ? sum : undefined;
}

/** What bounds the state directory and the engine's cache. */
export interface CleanRule {
  /** Layouts go that have not been built for so many days. */
  readonly layouts: number;
  /** Bytes: beyond them the oldest layouts go, and the oldest of the build cache. */
  readonly disk: number;
  /** How many runs are remembered. */
  readonly runs: number;
}

/** The disk is bounded without any setting too: timers run where nobody looks. */
export const DEFAULT_RULE: CleanRule = { layouts: 14, disk: 50e9, runs: 100 };

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** The bytes that a size of the catalog stands for: `30 MB` → 30,000,000. */
export function bytesOf(size: string): number {
  const [, number = "", unit = ""] = /^([\d.]+) ?([A-Za-z]+)$/.exec(size) ?? [];
  const bytes = Number(number) * (SIZE_UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(bytes)) throw new Error(`${size} is not a size, such as 30 MB`);
  return Math.round(bytes);
}
