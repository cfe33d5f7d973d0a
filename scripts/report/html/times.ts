import { type RunSummary, type RunTarget, STAGES, type Stage } from "../../model/run.ts";
import { formatSeconds, formatShare } from "../../system/shown/format.ts";
import { groupBy, releaseOf, secondsOfTarget, sum } from "../tally.ts";
import { type Chart, chartOf, type Picture, pictureOf, stacked } from "./chart.ts";

const NAMES: Readonly<Record<Stage, string>> = { build: "Build", smoke: "Smoke test", publish: "Publish" };

/** What the time went to: as times.hbs shows it. */
export interface TimesView {
  readonly lede: string;
  /** One bar for all targets, and how long each stage took, which is the legend of the chart too. */
  readonly total: Picture;
  readonly stages: readonly { stage: Stage; name: string; took: string; share: string }[];
  readonly chart: Chart;
}

/** Undefined where nothing was begun. */
export function timesView({ targets }: RunSummary): TimesView | undefined {
  const sorted = targets
    .filter((one) => secondsOfTarget(one) > 0)
    .sort((a, b) => secondsOfTarget(b) - secondsOfTarget(a));
  const [longest] = sorted;
  if (!longest) return undefined;
  const rows = sorted.map((one) => ({
    name: one.target,
    picture: stagesPicture(one.target, one.seconds, secondsOfTarget(longest)),
    cells: [{ text: formatSeconds(secondsOfTarget(one)), isStrong: true }],
  }));
  const total = totalsOf(targets);
  const whole = sum(Object.values(total));
  const headings = {
    caption: "Time that targets took, by stage, the longest first",
    pictures: "Build, smoke test, publish",
    headings: ["Took"],
  };
  return {
    lede: "By stage. Targets run in parallel, and both variants of a version are tested and published together, so the sum is not the time that passed.",
    total: stagesPicture("All targets", total, whole),
    stages: STAGES.map((stage) => ({
      stage,
      name: NAMES[stage],
      took: formatSeconds(total[stage]),
      share: formatShare(total[stage], whole),
    })),
    chart: chartOf(headings, "target", rows),
  };
}

/** @param whole seconds that fill the whole width */
function stagesPicture(name: string, seconds: RunTarget["seconds"], whole: number): Picture {
  const texts = STAGES.map((stage) => `${NAMES[stage].toLowerCase()} ${formatSeconds(seconds[stage])}`);
  const parts = STAGES.map((stage) => ({ value: seconds[stage], kind: stage }));
  return pictureOf(`${name}: ${texts.join(", ")}`, stacked(parts, whole));
}

/**
 * Seconds of work by stage. A pair is smoke-tested and published as one, and each of the two is told how long that
 * took: it counts once.
 */
export function totalsOf(targets: readonly RunTarget[]): Record<Stage, number> {
  const pairs = groupBy(targets, (one) => releaseOf(one));
  const once = (stage: Stage) =>
    sum(pairs.map((pair) => Math.max(...pair.map(({ seconds }) => seconds[stage]))));
  return {
    build: sum(targets.map(({ seconds }) => seconds.build)),
    smoke: once("smoke"),
    publish: once("publish"),
  };
}
