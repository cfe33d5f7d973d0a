import type { Target } from "./target.ts";

/** How long before its end a version is warned of, in days. */
export const WARNING_DAYS = 90;

/**
 * How far a version is from its end: `supported`; `ending` within 90 days; `archived` from that day on, which
 * means built once and never rebuilt, since nobody fixes it any more.
 */
export type Support = "supported" | "ending" | "archived";

/** The support that a target has on a day. A target that never ends is supported. */
export function supportOf({ endOfLife }: Pick<Target, "endOfLife">, today: Date): Support {
  if (endOfLife === undefined) return "supported";
  const days = daysUntil(endOfLife, today);
  if (days <= 0) return "archived";
  return days <= WARNING_DAYS ? "ending" : "supported";
}

/** Whether a date such as `2027-02-30` is in the calendar. JavaScript itself takes this one for March 2. */
export function isDay(date: string): boolean {
  const [year = Number.NaN, month = Number.NaN, day] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** Whole days from a day to another, UTC; the end of life `2027-05-01` is no day away on that day. */
export function daysUntil(date: string, today: Date): number {
  const day = Date.parse(today.toISOString().slice(0, 10));
  return Math.round((Date.parse(date) - day) / 86_400_000);
}

/** Whole days since a time, UTC: 0 on the same day. */
export function daysSince(time: Date, today: Date): number {
  const days = daysUntil(time.toISOString().slice(0, 10), today);
  // Without the case of its own it would be -0.
  return days === 0 ? 0 : -days;
}

/** The earlier of the days that are known. ISO dates are in the order of their texts. */
export function earliest(...dates: readonly (string | undefined)[]): string | undefined {
  return dates.filter((date) => date !== undefined).sort()[0];
}
