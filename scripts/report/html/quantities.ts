import type { RunSummary } from "../../model/run.ts";
import { formatBytes, formatSeconds } from "../../system/shown/format.ts";

/** Seconds that a run took; undefined where it has no end. */
export function secondsOfRun({ started, ended }: RunSummary): number | undefined {
  return ended === undefined ? undefined : (Date.parse(ended) - Date.parse(started)) / 1000;
}

/** As formatSeconds, but of hours too: `2h05m`. */
export function formatDuration(seconds: number): string {
  if (Math.round(seconds) < 3600) return formatSeconds(seconds);
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `Wednesday 25 November 2026, 03:00 UTC` */
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

/** All of them together. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
