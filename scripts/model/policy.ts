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

/** A policy as a catalog file has it; what it leaves out is as above it. */
export interface PolicyFile {
  readonly for?: Policy["for"] | undefined;
  /** `7d` */
  readonly notWithin?: string | undefined;
  readonly maxAge?: string | undefined;
  readonly keep?: number | undefined;
}

export const DEFAULT_POLICY: Policy = { for: "anything", keep: 10 };

/** The policy that several come to, the most general first. */
export function policyOf(...files: readonly (PolicyFile | undefined)[]): Policy {
  const last = <Key extends keyof PolicyFile>(key: Key): PolicyFile[Key] =>
    files.findLast((file) => file?.[key] !== undefined)?.[key];
  const [notWithin, maxAge] = [last("notWithin"), last("maxAge")];
  return {
    for: last("for") ?? DEFAULT_POLICY.for,
    keep: last("keep") ?? DEFAULT_POLICY.keep,
    ...(notWithin !== undefined && { notWithin: daysOf(notWithin) }),
    ...(maxAge !== undefined && { maxAge: daysOf(maxAge) }),
  };
}

/** The days that a duration of the catalog stands for: `7d` → 7. */
export function daysOf(duration: string): number {
  return Number.parseInt(duration, 10);
}

const HOUR_MS = 3_600_000;

/** Milliseconds that a publish lock can be leased for: one that claims more was written by a clock that is wrong. */
export const LONGEST_LEASE = 24 * HOUR_MS;

const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
/** A hold lasts until something is repaired; a version that nobody wants is taken out of the catalog instead. */
const LONGEST_HOLD = 366 * 24 * HOUR_MS;

/** How long tags are held, `12h`, `7d` or `2w`, in milliseconds; undefined where it is no such time, or over a year. */
export function millisecondsOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? [];
  const sum = Number(number) * (UNITS[unit] ?? 0);
  return sum > 0 && sum <= LONGEST_HOLD ? sum : undefined;
}
