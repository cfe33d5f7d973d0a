import type { RunSummary } from "../model/run.ts";
import { formatSeconds, formatTable } from "../system/shown/format.ts";
import { formatTime, verdictOf } from "./run-verdict.ts";

const HEADING = ["N", "STARTED", "TOOK", "EXIT", "ID", "VERDICT"];

/** Runs, one line for each. @param summaries the newest first @param width of a line, in characters */
export function runsText(summaries: readonly RunSummary[], width?: number): string {
  if (summaries.length === 0) return "No run is remembered here yet.";
  const rows = summaries.map((summary, index) => [
    String(index + 1),
    formatTime(summary.started),
    tookOf(summary) ?? "-",
    String(summary.exitCode ?? "-"),
    summary.id,
    verdictOf(summary),
  ]);
  return formatTable([HEADING, ...rows], width);
}

function tookOf({ started, ended }: RunSummary): string | undefined {
  return ended === undefined ? undefined : formatSeconds((Date.parse(ended) - Date.parse(started)) / 1000);
}

/** What `runs --json` prints: `runs show ID --json` has the whole of each. */
export function runsJson(summaries: readonly RunSummary[]) {
  return {
    runs: summaries.map((summary) => ({
      id: summary.id,
      started: summary.started,
      ended: summary.ended ?? null,
      exitCode: summary.exitCode ?? null,
      command: summary.command,
      verdict: verdictOf(summary),
      targets: summary.targets.map(({ target, status }) => ({ target, status })),
    })),
  };
}
