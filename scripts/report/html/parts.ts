import { count, formatBytes } from "../../system/shown/format.ts";

/** What all parts of the page have in common: lists that fold, long texts, moments, changes. */

/**
 * A list: its first items as they are, the rest behind a line to click on, which is empty where there is no rest. Never
 * folds away a single one: the line takes as much room.
 * @param noun what the rest is, if it must be said
 */
export function fold<T>(all: readonly T[], most: number, noun?: string) {
  const end = all.length <= most + 1 ? all.length : most;
  const rest = all.slice(end);
  const more = noun === undefined ? `${rest.length} more` : count(rest.length, `more ${noun}`);
  return { shown: all.slice(0, end), rest, more: rest.length > 0 ? more : "" };
}

/** The beginning and the end of a long text, which tell most, and how many characters lie between. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor(most / 4);
  const tail = most - head;
  const left = text.length - most;
  return `${text.slice(0, head)}\n… ${left} characters left out: the run's journal has them …\n${text.slice(-tail)}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `Wednesday, 25 November 2026, 03:00 UTC` */
export function formatMoment(time: string): string {
  return `${DAY.format(new Date(time))}, ${clock(time)} UTC`;
}

/** `25 Nov` */
export function formatDay(time: string): string {
  return SHORT_DAY.format(new Date(time));
}

/** `25 Nov, 03:00` */
export function formatShortMoment(time: string): string {
  return `${formatDay(time)}, ${clock(time)}`;
}

function clock(time: string): string {
  return new Date(time).toISOString().slice(11, 16);
}

/** `+1.2 MB`, `−412 kB`, `±0 B`. */
export function formatChange(bytes: number): string {
  return `${sign(bytes)}${formatBytes(Math.abs(bytes))}`;
}

/** `+3.1%`, `−0.8%`, and `<0.1%` either way. @param change how much it is more than `before`, in the same unit */
export function formatPercent(change: number, before: number): string {
  if (before === 0) return "";
  const percent = Math.abs(change / before) * 100;
  if (percent > 0 && percent < 0.1) return "<0.1%";
  return `${sign(change)}${percent.toFixed(percent < 10 ? 1 : 0)}%`;
}

function sign(number: number): string {
  if (number === 0) return "±";
  return number > 0 ? "+" : "−";
}
