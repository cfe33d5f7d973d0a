import { type RunPlatform, type RunSummary, type RunTarget, STAGES } from "../model/run.ts";
import { count, formatBytes, formatSeconds } from "../system/shown/format.ts";
import { sum } from "../system/sum.ts";
import { type FailureGroup, groupFailures, printedBy, whyOf } from "./failure.ts";
import { block, code, details, plain, table } from "./markdown.ts";
import { calledOut, formatTime, verdictOf } from "./run-verdict.ts";
import { PERSISTENT_AFTER_RUNS } from "./runs/summarize.ts";
import { fixedIn, secondsOfRun, secondsOfTarget } from "./tally.ts";

/** A run as Markdown, for a CI's summary page and for terminals: what a person reads in a minute. */
export function runMarkdown(summary: RunSummary): string {
  const { targets, unknown, notes } = summary;
  const done = targets.filter(({ status }) => status === "done");
  const sections = [
    `# ${formatTime(summary.started)}: ${plain(verdictOf(summary))}`,
    ...calledOut(targets).map((text) => `**${plain(text)}.**`),
    errorOf(summary),
    ...failuresOf(targets),
    listOf("Held back, because the pair failed", targets, "held"),
    listOf("Not started", targets, "unstarted"),
    section("Done, and why", done.length > 0 && doneTable(done)),
    section("Vulnerabilities fixed", fixesOf(targets)),
    section("Time", timesOf(targets)),
    section(
      "Not compared",
      bullets(
        unknown.map(({ problem, targets: many }) => `${count(many, "target")} not compared: ${problem}`),
      ),
    ),
    section("Notes", bullets(notes.slice(0, NOTES), notes.length - NOTES)),
    section("The run", factsOf(summary)),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** How many notes are shown; the journal has them all. */
const NOTES = 20;
/** How many lines of what failed are shown, its last ones; and of what a program printed. */
const LINES = 20;
const LOG_LINES = 40;
/** How many targets are named that took longest. */
const SLOWEST = 5;

function section(title: string, body: string | false): string {
  return body ? `## ${title}\n\n${body}` : "";
}

function bullets(lines: readonly string[], more = 0): string {
  const shown = lines.map((line) => `- ${plain(line)}`);
  return [...shown, ...(more > 0 ? [`- ${more} more are in the journal`] : [])].join("\n");
}

function factsOf(summary: RunSummary) {
  const { exitCode, command, registry, engine, version, profile } = summary;
  const took = secondsOfRun(summary);
  const facts = [
    ...(took === undefined ? [] : [`Took ${formatSeconds(took)}`, `exit code ${exitCode}`]),
    `to ${code(registry)}`,
    ...(engine === undefined ? [] : [`with ${plain(engine)}`]),
    `Birdhouse ${plain(version)}`,
  ];
  const sandbox =
    profile === "sandbox" ? "\n\nThese images were made in the sandbox: to try things out, not Alpine." : "";
  return `${facts.join(", ")}:\n\n${block(command)}${sandbox}`;
}

/** Of an error of one line the verdict has all. */
function errorOf({ error }: RunSummary): string {
  return error?.includes("\n") ? section("Ended early", block(error)) : "";
}

type FailedTarget = RunTarget & { readonly failure: NonNullable<RunTarget["failure"]> };

/** Each cause once: why, whom it stops, what to do; the log behind a click. */
function failuresOf(targets: readonly RunTarget[]): string[] {
  const failed = targets.filter((target): target is FailedTarget => target.failure !== undefined);
  // Those that have failed before are told apart: they will not pass by themselves.
  return groupFailures(failed, ({ failure, failedRuns = 1, failingSince = "" }) => ({
    ...failure,
    since: `${failedRuns} ${failingSince}`,
  })).map((group) => failureSection(group));
}

function failureSection({ failure, members }: FailureGroup<FailedTarget>): string {
  const [{ target, failure: first, failedRuns = 1, failingSince }] = members;
  const since = failingSince === undefined ? "" : `, since ${formatTime(failingSince)}`;
  const before = failedRuns > 1 ? `, ${failedRuns} runs in a row${since}` : "";
  const whom = members.length === 1 ? plain(target) : count(members.length, "target");
  const mark = failedRuns >= PERSISTENT_AFTER_RUNS ? "‼ " : "";
  const told = printedBy(failure);
  return [
    `## ${mark}Failed: ${whom} at ${first.stage}${before}`,
    block(lastLines(whyOf(failure), LINES)),
    ...(members.length > 1 ? [members.map((one) => code(one.target)).join(", ")] : []),
    ...failure.hints.map((hint) => `→ ${plain(hint)}`),
    ...(first.repeat === undefined ? [] : [`Repeat it with:\n\n${block(first.repeat)}`]),
    ...(told === "" ? [] : [details(`The end of what ${target} printed`, block(lastLines(told, LOG_LINES)))]),
  ].join("\n\n");
}

function lastLines(text: string, most: number): string {
  const lines = text.split("\n");
  return lines.length > most ? ["…", ...lines.slice(-most)].join("\n") : text;
}

function listOf(title: string, targets: readonly RunTarget[], status: RunTarget["status"]): string {
  const names = targets.filter((target) => target.status === status).map(({ target }) => code(target));
  return section(title, names.join(", "));
}

function doneTable(done: readonly RunTarget[]): string {
  const rows = done.map(({ target, reasons, platforms, uploadedBytes, tags }) => [
    code(target),
    reasons.map(({ text }) => plain(text)).join("; "),
    platforms.map(({ compressed }) => formatBytes(compressed)).join(" / "),
    platforms.map((one) => changeOf(one)).join(" / "),
    tags.length > 0 ? formatBytes(uploadedBytes) : "not published",
  ]);
  return table([["target", "why", "compressed", "change", "sent"], ...rows]);
}

/** `+12 kB`, `-3.1 MB`, `±0`, or `new`. */
function changeOf({ compressed, before }: RunPlatform): string {
  if (!before) return "new";
  const change = compressed - before.compressed;
  return change === 0 ? "±0" : `${change > 0 ? "+" : "-"}${formatBytes(Math.abs(change))}`;
}

function fixesOf(targets: readonly RunTarget[]): string {
  const lines = [...fixedIn(targets)].map(
    ([cve, names]) => `- ${plain(cve)}: ${names.map((name) => code(name)).join(", ")}`,
  );
  return lines.sort().join("\n");
}

function timesOf(targets: readonly RunTarget[]): string {
  const begun = targets.filter((target) => secondsOfTarget(target) > 0);
  if (begun.length === 0) return "";
  const slowest = begun.toSorted((a, b) => secondsOfTarget(b) - secondsOfTarget(a)).slice(0, SLOWEST);
  const rowOf = (target: RunTarget) => [
    code(target.target),
    ...STAGES.map((stage) => formatSeconds(target.seconds[stage])),
  ];
  const all = STAGES.map((stage) => formatSeconds(sum(targets.map(({ seconds }) => seconds[stage]))));
  return table([
    ["", ...STAGES],
    [`all ${count(begun.length, "target")}, added up`, ...all],
    ...slowest.map((one) => rowOf(one)),
  ]);
}
