import type { RunSummary, RunTarget } from "../model/run.ts";
import { count, formatSeconds, formatTable } from "../system/shown/format.ts";
import { readFailure } from "./failure.ts";
import { PERSISTENT_AFTER_RUNS } from "./runs/summarize.ts";
import { countedTexts, countsOf, fixedIn, secondsOfRun } from "./tally.ts";

/** What became of a run, in one line: the first thing that its reader wants to know. */
export function verdictOf(summary: RunSummary): string {
  const { ended, error, targets } = summary;
  const tally = targets.length > 0 ? tallyOf(summary) : "";
  if (ended === undefined) return joined("It has not ended: it was killed, or is still running", tally);
  if (error !== undefined) return joined(`It ended early: ${readFailure(error).cause}`, tally);
  return tally === "" ? idleOf(summary) : tally;
}

function joined(first: string, tally: string): string {
  return tally === "" ? first : `${first}. By then: ${tally}`;
}

/** `28 of 30 targets done, 1 failed, 1 held back; 2 CVEs fixed; 440 unavailable` */
function tallyOf(summary: RunSummary): string {
  const { targets, unknown, unavailable } = summary;
  const { done, failed, held, unstarted } = countsOf(summary);
  const fixed = fixedIn(targets).size;
  const rest = countedTexts({ failed, "held back": held, "not started": unstarted });
  return [
    [`${done} of ${count(targets.length, "target")} done`, ...rest].join(", "),
    ...(fixed > 0 ? [`${count(fixed, "CVE")} fixed`] : []),
    ...(unknown.length > 0 ? [`${count(unjudged(unknown), "target")} not compared`] : []),
    ...countedTexts({ unavailable }),
  ].join("; ");
}

function idleOf({ upToDate, unavailable, unknown, exitCode }: RunSummary): string {
  const rest = [`${count(upToDate, "target")} up to date`, ...countedTexts({ unavailable })];
  const upToDateText = rest.join(", ");
  if (unknown.length > 0) return `${count(unjudged(unknown), "target")} not compared; ${upToDateText}`;
  return exitCode === 0
    ? `Nothing to do: ${upToDateText}`
    : `Something in the catalog must be fixed; ${upToDateText}`;
}

/** Several problems may leave the same targets unjudged: at least so many are. */
function unjudged(unknown: RunSummary["unknown"]): number {
  return Math.max(...unknown.map(({ targets }) => targets));
}

/** How a run went, in words that fit into a heading. */
export interface Headline {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
}

/** Says how a run went: its exit code, read together with what became of its targets. */
export function headlineOf(summary: RunSummary): Headline {
  const { exitCode, error, targets, unknown } = summary;
  const { done, failed, held, unstarted } = countsOf(summary);
  const { length } = targets;
  if (exitCode === undefined) return { tone: "bad", title: "Killed, or still running" };
  if (exitCode === 3) return { tone: "warn", title: "Did not run: another run was in progress" };
  if (exitCode === 2) return { tone: "bad", title: "Something for you to fix" };
  if (failed > 0) return { tone: "bad", title: `${failed} of ${count(length, "target")} failed` };
  if (error !== undefined) return { tone: "bad", title: "Ended early" };
  if (unknown.length > 0) return { tone: "warn", title: "Done, but not everything could be compared" };
  if (exitCode !== 0) return { tone: "bad", title: `Ended with exit code ${exitCode}` };
  if (unstarted + held > 0) return { tone: "warn", title: `${done} of ${count(length, "target")} done` };
  if (length === 0) return { tone: "good", title: "Nothing to do" };
  return { tone: "good", title: length === 1 ? "1 target, done" : `All ${length} targets done` };
}

/** What has failed in so many runs in a row that somebody has to look, as a line for each. */
export function calledOut(targets: readonly RunTarget[]): string[] {
  return targets.flatMap(({ target, failedRuns = 0, failingSince }) =>
    failedRuns >= PERSISTENT_AFTER_RUNS ? [failingText(target, failedRuns, failingSince)] : [],
  );
}

/** `node:22 has failed in 3 runs in a row, since 2026-11-23 03:00 UTC` */
export function failingText(target: string, runs: number, since: string | undefined): string {
  const from = since === undefined ? "" : `, since ${formatTime(since)}`;
  return `${target} has failed in ${runs} runs in a row${from}`;
}

/** `2026-11-25T03:00:12Z` → `2026-11-25 03:00 UTC` */
export function formatTime(iso: string): string {
  return `${iso.slice(0, "2026-11-25".length)} ${iso.slice("2026-11-25T".length, "2026-11-25T03:00".length)} UTC`;
}

const HEADING = ["N", "STARTED", "TOOK", "EXIT", "ID", "VERDICT"];

/** Runs, one line for each. @param summaries the newest first @param width of a line, in characters */
export function runsText(summaries: readonly RunSummary[], width?: number): string {
  if (summaries.length === 0) return "No runs are recorded here yet.";
  const rows = summaries.map((summary, index) => [
    String(index + 1),
    formatTime(summary.started),
    tookOf(summary),
    String(summary.exitCode ?? "-"),
    summary.id,
    verdictOf(summary),
  ]);
  return formatTable([HEADING, ...rows], width);
}

function tookOf(summary: RunSummary): string {
  const seconds = secondsOfRun(summary);
  return seconds === undefined ? "-" : formatSeconds(seconds);
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
