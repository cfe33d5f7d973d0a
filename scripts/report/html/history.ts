import type { RunSummary } from "../../model/run.ts";
import { count, formatSeconds } from "../../system/shown/format.ts";
import { headlineOf } from "../run-verdict.ts";
import { countsOf, fixedIn, secondsOfRun } from "../tally.ts";
import { percent } from "./chart.ts";
import { formatDay, formatShortMoment } from "./parts.ts";

/** How many runs the chart has room for on a telephone, and how many it is drawn for at least. */
const MOST = 30;
const LEAST = 14;

/** Pixels from the top of the chart: of each panel its words, where its columns may begin, and where they stand. */
const TARGETS = { words: 12, top: 20, bottom: 100 };
const SECONDS = { words: 128, top: 136, bottom: 176 };
const DATES = 194;

/** From how many runs on there is room for the date of the oldest, too. */
const DATED = 8;

/**
 * The runs before this one, and this one, drawn and in a table, for history.hbs. Lengths across are percent of the chart's
 * width, up and down pixels from the top. Undefined where there was no run before.
 */
export function historyView(summary: RunSummary, earlier: readonly RunSummary[]) {
  if (earlier.length === 0) return undefined;
  const runs = [summary, ...earlier].slice(0, MOST).reverse();
  const columns = Math.max(runs.length, LEAST);
  const most = Math.max(1, ...runs.map((run) => countsOf(run).done + countsOf(run).failed));
  const longest = Math.max(1, ...runs.map((run) => secondsOfRun(run) ?? 0));
  const [oldest = summary] = runs;
  const from = columns - runs.length;
  return {
    lede: `${count(runs.length, "run")}; this one is on the right.`,
    panels: [
      { ...TARGETS, text: `targets, at most ${most}` },
      { ...SECONDS, text: `time, at most ${formatSeconds(longest)}` },
    ],
    columns: runs.map((run, index) => columnsOf(run, from + index, columns, { most, longest })),
    ...(runs.length >= DATED && {
      oldest: { x: percent((from / columns) * 100), y: DATES, text: formatDay(oldest.started) },
    }),
    newest: { y: DATES, text: `this run, ${formatDay(summary.started)}` },
    hasFailed: runs.some((run) => countsOf(run).failed > 0),
    hasKilled: runs.some(({ ended }) => ended === undefined),
    rows: runs.toReversed().map((run) => rowOf(run)),
  };
}

/**
 * What is drawn of a run.
 * @param index of its place, from the left, among so many `places`
 * @param scale what the highest columns stand for: targets, and seconds
 */
function columnsOf(run: RunSummary, index: number, places: number, scale: { most: number; longest: number }) {
  const { done, failed } = countsOf(run);
  const width = 100 / places;
  const height = (targets: number) =>
    targets === 0 ? 0 : Math.max(2, (targets / scale.most) * (TARGETS.bottom - TARGETS.top));
  const took = Math.max(1, ((secondsOfRun(run) ?? 0) / scale.longest) * (SECONDS.bottom - SECONDS.top));
  const hasEnd = run.ended !== undefined;
  // Each stands on the one before it.
  const heights = [
    { kind: "done", bottom: TARGETS.bottom, height: height(done) },
    { kind: "failed", bottom: TARGETS.bottom - height(done), height: height(failed) },
    { kind: "idle", bottom: TARGETS.bottom, height: done + failed === 0 ? 2 : 0 },
    { kind: "took", bottom: SECONDS.bottom, height: hasEnd ? took : 0 },
  ];
  return {
    title: `${formatShortMoment(run.started)}: ${done} rebuilt, ${failed} failed, ${tookText(run)}`,
    bars: heights
      .filter((bar) => bar.height > 0)
      .map((bar) => ({
        kind: bar.kind,
        // With room to the next one.
        x: percent((index + 0.14) * width),
        width: percent(width * 0.72),
        y: pixels(bar.bottom - bar.height),
        height: pixels(bar.height),
      })),
    ...(!hasEnd && { cross: { x: percent((index + 0.5) * width), y: TARGETS.bottom + 13 } }),
  };
}

function pixels(value: number): number {
  return Number(value.toFixed(1));
}

function rowOf(run: RunSummary) {
  const { done, failed } = countsOf(run);
  return {
    started: formatShortMoment(run.started),
    verdict: headlineOf(run).title,
    numbers: [done, failed, fixedIn(run.targets).size, tookText(run)],
  };
}

function tookText(run: RunSummary): string {
  const seconds = secondsOfRun(run);
  return seconds === undefined ? "no end" : formatSeconds(seconds);
}
