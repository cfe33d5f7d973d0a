import { type RunSummary, type RunTarget, STAGES, type Stage } from "../../model/run.ts";
import { groupBy } from "../../system/group.ts";
import { count, formatBytes, formatSeconds, formatShare } from "../../system/shown/format.ts";
import { sum } from "../../system/sum.ts";
import { releaseOf, secondsOfTarget } from "../tally.ts";
import { chartOf, pictureOf, stacked } from "./chart.ts";
import { formatChange, formatPercent } from "./parts.ts";

/** What one platform of a target weighs now, and before; bytes, compressed. */
interface Weight {
  readonly name: string;
  readonly now: number;
}
interface Moved extends Weight {
  readonly before: number;
}

/**
 * What images weigh, for sizes.hbs: how that changed, how many are as before, and those that there was nothing of before.
 * Undefined where nothing was rebuilt.
 */
export function sizesView({ targets }: RunSummary) {
  const done = targets.filter(({ status }) => status === "done");
  const many = done.some(({ platforms }) => platforms.length > 1);
  const weights = done.flatMap(({ target, platforms }) =>
    platforms.map(({ platform, compressed, before }) => ({
      name: many ? `${target} ${platform.replace(/^linux\//, "")}` : target,
      now: compressed,
      before: before?.compressed,
    })),
  );
  if (weights.length === 0) return undefined;
  const moved = weights.filter((one): one is Moved => one.before !== undefined);
  const fresh = weights.filter(({ before }) => before === undefined);
  const changed = moved.filter(({ now, before }) => now !== before);
  const same = moved.length - changed.length;
  return {
    lede: ledeOf(moved, fresh),
    ...(changed.length > 0 && { changes: changesChart(changed) }),
    ...(same > 0 && { same: count(same, "image") }),
    ...(fresh.length > 0 && { firsts: largestChart(FIRSTS, "size", fresh) }),
    isMixed: moved.length > 0 && fresh.length > 0,
  };
}

function ledeOf(moved: readonly Moved[], fresh: readonly Weight[]): string {
  const first = formatBytes(sum(fresh.map(({ now }) => now)));
  return [
    ...(moved.length > 0 ? [togetherText(moved)] : []),
    ...(fresh.length > 0 ? [`${first} without an earlier image to compare with.`] : []),
    "Compressed, as they are pulled.",
  ].join(" ");
}

function togetherText(moved: readonly Moved[]): string {
  const before = sum(moved.map((one) => one.before));
  const change = sum(moved.map(({ now }) => now)) - before;
  const now = formatBytes(before + change);
  if (change === 0) return `${now} together, as before.`;
  return `${now} together, ${formatChange(change)} (${formatPercent(change, before)}).`;
}

function changesChart(changed: readonly Moved[]) {
  const sorted = changed.toSorted((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
  const deltas = changed.map(({ now, before }) => now - before);
  const less = Math.max(0, ...deltas.map((delta) => -delta));
  const whole = less + Math.max(0, ...deltas);
  const words = {
    caption: "How sizes changed, the biggest changes first",
    pictures: "Change",
    headings: ["Before → now", "Bytes", "Share"],
  };
  const rows = sorted.map((one) => changeRow(one, less, whole));
  return chartOf(words, "size", rows);
}

/** @param less the most that any lost, in bytes: zero is so far from the left. @param whole the chart's width */
function changeRow({ name, now, before }: Moved, less: number, whole: number) {
  const delta = now - before;
  const bar = {
    from: ((less + Math.min(delta, 0)) / whole) * 100,
    width: (Math.abs(delta) / whole) * 100,
    kind: delta > 0 ? "more" : "less",
  };
  const title = `${name}: ${formatBytes(before)} before, ${formatBytes(now)} now`;
  return {
    name,
    picture: pictureOf(title, [bar], (less / whole) * 100),
    cells: [
      { text: `${formatBytes(before)} → ${formatBytes(now)}` },
      { text: formatChange(delta), isStrong: true },
      { text: formatPercent(delta, before) },
    ],
  };
}

const FIRSTS = {
  caption: "Sizes of what was published for the first time, the largest first",
  pictures: "Compressed",
  headings: ["Bytes"],
};
const SENT = {
  caption: "Bytes sent to the registry, the most first",
  pictures: "Uploaded",
  headings: ["Bytes"],
};

/**
 * A chart of sizes, each as long as its share of the largest, which comes first.
 * @param verb what became of them, for those who do not see the bar
 */
function largestChart(words: typeof SENT, noun: string, weights: readonly Weight[], verb = "") {
  const sorted = weights.toSorted((a, b) => b.now - a.now);
  const most = sorted[0]?.now ?? 0;
  const rows = sorted.map(({ name, now }) => ({
    name,
    picture: pictureOf(`${name}: ${formatBytes(now)}${verb}`, stacked([{ value: now, kind: "size" }], most)),
    cells: [{ text: formatBytes(now), isStrong: true }],
  }));
  return chartOf(words, noun, rows);
}

/** What went to the registry; undefined where nothing was sent. */
export function sentView({ targets }: RunSummary) {
  const sent = targets.filter(({ uploadedBytes }) => uploadedBytes > 0);
  if (sent.length === 0) return undefined;
  const published = targets.filter(({ tags }) => tags.length > 0).flatMap(({ platforms }) => platforms);
  const whole = sum(published.map(({ compressed }) => compressed));
  const total = sum(sent.map(({ uploadedBytes }) => uploadedBytes));
  const rest =
    whole > total ? ` of the ${formatBytes(whole)} that they weigh; the registry already had the rest` : "";
  const weights = sent.map(({ target, uploadedBytes }) => ({ name: target, now: uploadedBytes }));
  return { lede: `${formatBytes(total)}${rest}.`, chart: largestChart(SENT, "target", weights, " sent") };
}

const NAMES: Readonly<Record<Stage, string>> = { build: "Build", smoke: "Smoke test", publish: "Publish" };

/**
 * What the time went to, for times.hbs: one bar for all targets, whose parts are the legend too, and one for each.
 * Undefined where nothing was started.
 */
export function timesView({ targets }: RunSummary) {
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
  const words = {
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
    chart: chartOf(words, "target", rows),
  };
}

/** @param whole seconds that fill the whole width */
function stagesPicture(name: string, seconds: RunTarget["seconds"], whole: number) {
  const texts = STAGES.map((stage) => `${NAMES[stage].toLowerCase()} ${formatSeconds(seconds[stage])}`);
  const parts = STAGES.map((stage) => ({ value: seconds[stage], kind: stage }));
  return pictureOf(`${name}: ${texts.join(", ")}`, stacked(parts, whole));
}

/**
 * Seconds of work by stage. A pair is smoke-tested and published as one, and each of the two is told how long that
 * took: it counts once.
 */
export function totalsOf(targets: readonly RunTarget[]): Record<Stage, number> {
  const pairs = [...groupBy(targets, (one) => releaseOf(one)).values()];
  const once = (stage: Stage) =>
    sum(pairs.map((pair) => Math.max(...pair.map(({ seconds }) => seconds[stage]))));
  return {
    build: sum(targets.map(({ seconds }) => seconds.build)),
    smoke: once("smoke"),
    publish: once("publish"),
  };
}
