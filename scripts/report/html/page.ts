import { type RunSummary, type RunTarget, STAGES } from "../../model/run.ts";
import { count, formatBytes, formatSeconds } from "../../system/shown/format.ts";
import { sum } from "../../system/sum.ts";
import { type Headline, headlineOf } from "../run-verdict.ts";
import { countedTexts, countsOf, fixedIn, secondsOfRun } from "../tally.ts";
import { causesView, cvesView } from "./causes.ts";
import { sentView, sizesView, timesView } from "./charts.ts";
import { failuresView, notDoneView } from "./failures.ts";
import { historyView } from "./history.ts";
import { fold, formatChange, formatDay, formatMoment, shortened } from "./parts.ts";

/**
 * What run.hbs shows, as plain data. What a person asks first comes first: how it went, what failed, what could not be
 * found out, what was rebuilt and why; then sizes, times, and the runs before. A part that has nothing to say is
 * undefined. Pure.
 *
 * @param earlier the runs before it, the newest first; the chart takes as many as it has room for
 */
export function pageView(summary: RunSummary, earlier: readonly RunSummary[]) {
  const headline = headlineOf(summary);
  return {
    title: `${headline.title} · ${formatDay(summary.started)} · Birdhouse`,
    masthead: mastheadView(summary, headline),
    failures: failuresView(summary),
    notDone: notDoneView(summary),
    unknown: unknownView(summary),
    causes: causesView(summary),
    cves: cvesView(summary),
    notes: notesView(summary),
    sizes: sizesView(summary),
    times: timesView(summary),
    sent: sentView(summary),
    history: historyView(summary, earlier),
    allTargets: allTargetsView(summary),
    facts: factsOf(summary),
  };
}

/** A tick, an exclamation mark, a cross: drawn, since fonts differ in such signs. Paths in a square of 24. */
const SIGNS: Readonly<Record<Headline["tone"], string>> = {
  good: "M7 12.5l3.4 3.4L17 9",
  warn: "M12 6.5v6.8M12 17v.4",
  bad: "M8 8l8 8M16 8l-8 8",
};

/** Characters of why a run ended early. */
const LONG_ERROR = 4000;

/** The top of the page: how it went, and the numbers that one asks for first. */
function mastheadView(summary: RunSummary, { tone, title }: Headline) {
  const { started, registry, profile, error, upToDate, unavailable } = summary;
  const { held, unstarted } = countsOf(summary);
  return {
    tone,
    title,
    sign: SIGNS[tone],
    started,
    moment: formatMoment(started),
    registry,
    rest: countedTexts({
      "held back": held,
      "not started": unstarted,
      "up to date": upToDate,
      unavailable,
    }),
    isSandbox: profile === "sandbox",
    error: error === undefined ? undefined : shortened(error.trim(), LONG_ERROR),
    figures: figuresOf(summary),
  };
}

/** Only those that say something: a night with nothing to do has few. */
function figuresOf(summary: RunSummary) {
  const { targets } = summary;
  const { done, failed } = countsOf(summary);
  const seconds = secondsOfRun(summary);
  const cves = fixedIn(targets).size;
  const sent = sum(targets.map(({ uploadedBytes }) => uploadedBytes));
  const change = changeOf(targets.filter(({ status }) => status === "done"));
  const figure = (name: string, value: string, tone: Headline["tone"] | "plain" = "plain") => ({
    name,
    value,
    tone,
  });
  return [
    ...(targets.length > 0 ? [figure("Rebuilt", `${done} of ${targets.length}`)] : []),
    ...(failed > 0 ? [figure("Failed", String(failed), "bad")] : []),
    ...(cves > 0 ? [figure("CVEs closed", String(cves), "good")] : []),
    ...(change === undefined ? [] : [figure("Size", formatChange(change))]),
    ...(sent > 0 ? [figure("Sent", formatBytes(sent))] : []),
    ...(seconds === undefined ? [] : [figure("Took", formatSeconds(seconds))]),
  ];
}

/** How many bytes more all of them weigh than before; undefined where there was nothing of any. */
function changeOf(targets: readonly RunTarget[]): number | undefined {
  const changes = targets
    .flatMap(({ platforms }) => platforms)
    .flatMap(({ compressed, before }) => (before ? [compressed - before.compressed] : []));
  return changes.length === 0 ? undefined : sum(changes);
}

/** How many are seen, and characters of one. */
const SHOWN = 8;
const LONG = 1200;

/** What could not be compared, for items.hbs. */
function unknownView({ unknown }: RunSummary) {
  if (unknown.length === 0) return undefined;
  const items = unknown.map(({ problem, targets }) => ({
    text: shortened(problem.trim(), LONG),
    much: `${count(targets, "target")} not compared`,
  }));
  const lede = "What depends on this was neither compared nor rebuilt. The next run tries again.";
  return { lede, ...fold(items, SHOWN, "problem") };
}

/** What else is worth telling, for items.hbs. */
function notesView({ notes }: RunSummary) {
  if (notes.length === 0) return undefined;
  const items = notes.map((note) => ({ text: shortened(note.trim(), LONG) }));
  return { lede: "None of these stopped the run.", ...fold(items, SHOWN, "note") };
}

const OUTCOMES: Readonly<Record<RunTarget["status"], string>> = {
  done: "done",
  failed: "failed",
  held: "held back",
  unstarted: "not started",
};

/** Every target that was due, in the order of the plan, for who wants all of it. */
function allTargetsView({ targets }: RunSummary) {
  if (targets.length === 0) return undefined;
  return {
    lede: "In the order of the plan, with tags and digests.",
    title: `Show ${count(targets.length, "target")}`,
    rows: targets.map(({ target, status, platforms, uploadedBytes, seconds, tags, digest = "" }) => ({
      target,
      status,
      outcome: OUTCOMES[status],
      numbers: [
        platforms.map(({ compressed }) => formatBytes(compressed)).join(" / "),
        platforms.map(({ unpacked }) => formatBytes(unpacked)).join(" / "),
        uploadedBytes > 0 ? formatBytes(uploadedBytes) : "",
        ...STAGES.map((stage) => (seconds[stage] > 0 ? formatSeconds(seconds[stage]) : "")),
      ],
      tags: tags.join(" "),
      digest,
    })),
  };
}

/** What a bug report would want to know. */
function factsOf({ id, version, engine, command, started, ended, exitCode }: RunSummary) {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Run", id],
    ["Command", command],
    ["Birdhouse", version],
    ["Engine", engine],
    ["Started", started],
    ["Ended", ended],
    ["Exit code", exitCode?.toString()],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
