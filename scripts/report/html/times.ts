import type { RunSummary, RunTarget } from "../../model/run.ts";
import { STAGES, type Stage } from "../../model/stage.ts";
import { formatBytes, formatShare } from "../../system/shown/format.ts";
import { chart, picture, stacked } from "./chart.ts";
import { section } from "./fold.ts";
import { groupBy } from "./group.ts";
import { html, type Markup } from "./markup.ts";
import { formatDuration, sum } from "./quantities.ts";
import { releaseOf } from "./reasons.ts";

const NAMES: Readonly<Record<Stage, string>> = { build: "Build", smoke: "Smoke test", publish: "Publish" };

/** The part of the page that tells what the time went to. */
export function timesSection({ targets }: RunSummary): Markup | undefined {
  const sorted = targets.filter((one) => secondsOf(one) > 0).sort((a, b) => secondsOf(b) - secondsOf(a));
  const [longest] = sorted;
  if (!longest) return undefined;
  const whole = secondsOf(longest);
  const rows = sorted.map((one) => ({
    name: one.target,
    title: `${one.target}: ${stageTexts(one.seconds).join(", ")}`,
    bars: stacked(partsOf(one.seconds), whole),
    cells: [html`<b>${formatDuration(secondsOf(one))}</b>`],
  }));
  const caption = "Time that targets took, by stage, the longest first";
  const lede =
    "By stage. Targets run beside each other, and both variants of a version are tested and published together, so the sum is not the time on the clock.";
  return section(
    "times",
    "Time",
    lede,
    html`${totalText(targets)}${chart({ caption, noun: "target", headings: ["Build, smoke test, publish", "Took"], rows })}`,
  );
}

/** Seconds of a target, all stages together. */
export function secondsOf({ seconds }: RunTarget): number {
  return sum(STAGES.map((stage) => seconds[stage]));
}

function partsOf(seconds: RunTarget["seconds"]) {
  return STAGES.map((stage) => ({ value: seconds[stage], kind: stage }));
}

function stageTexts(seconds: RunTarget["seconds"]): string[] {
  return STAGES.map((stage) => `${NAMES[stage].toLowerCase()} ${formatDuration(seconds[stage])}`);
}

/** One bar for all of them, which is the legend of the rest too. */
function totalText(targets: readonly RunTarget[]): Markup {
  const total = totalsOf(targets);
  const whole = sum(Object.values(total));
  const bar = picture(stacked(partsOf(total), whole), `All targets: ${stageTexts(total).join(", ")}`);
  const legend = STAGES.map(
    (stage) =>
      html`<li><i class="key ${stage}"></i>${NAMES[stage]} <b>${formatDuration(total[stage])}</b> <span>${formatShare(total[stage], whole)}</span></li>`,
  );
  return html`<figure class="total">${bar}<figcaption><ul class="legend">${legend}</ul></figcaption></figure>`;
}

/**
 * Seconds of work by stage. A pair is smoke-tested and published as one, and each of the two is told how long that
 * took: it counts once.
 */
export function totalsOf(targets: readonly RunTarget[]): Record<Stage, number> {
  const pairs = groupBy(targets, releaseOf);
  const once = (stage: Stage) =>
    sum(pairs.map((pair) => Math.max(...pair.map(({ seconds }) => seconds[stage]))));
  return {
    build: sum(targets.map(({ seconds }) => seconds.build)),
    smoke: once("smoke"),
    publish: once("publish"),
  };
}

/** The part of the page that tells what went to the registry. */
export function sentSection({ targets }: RunSummary): Markup | undefined {
  const sent = targets.filter(({ uploadedBytes }) => uploadedBytes > 0);
  if (sent.length === 0) return undefined;
  const sorted = sent.toSorted((a, b) => b.uploadedBytes - a.uploadedBytes);
  const most = sorted[0]?.uploadedBytes ?? 0;
  const rows = sorted.map(({ target, uploadedBytes }) => ({
    name: target,
    title: `${target}: ${formatBytes(uploadedBytes)} sent`,
    bars: [{ from: 0, width: (uploadedBytes / most) * 100, kind: "size" }],
    cells: [html`<b>${formatBytes(uploadedBytes)}</b>`],
  }));
  const published = targets.filter(({ tags }) => tags.length > 0).flatMap(({ platforms }) => platforms);
  const whole = sum(published.map(({ compressed }) => compressed));
  const total = sum(sent.map(({ uploadedBytes }) => uploadedBytes));
  const rest =
    whole > total ? ` of the ${formatBytes(whole)} that they weigh; the registry had the rest` : "";
  const caption = "Bytes sent to the registry, the most first";
  return section(
    "sent",
    "Sent",
    `${formatBytes(total)}${rest}.`,
    chart({ caption, noun: "target", headings: ["Uploaded", "Bytes"], rows }),
  );
}
