import type { RunPlatform, RunSummary, RunTarget } from "../../model/run.ts";
import { count, formatBytes } from "../../system/shown/format.ts";
import { type ChartRow, chart } from "./chart.ts";
import { section } from "./fold.ts";
import { html, type Markup } from "./markup.ts";
import { formatChange, formatPercent, sum } from "./quantities.ts";

/** What one platform of a target weighs now, and before; bytes, compressed. */
interface Weight {
  readonly name: string;
  readonly now: number;
}
interface Moved extends Weight {
  readonly before: number;
}

/** The part of the page with what images weigh, compared with what was published before. */
export function sizesSection({ targets }: RunSummary): Markup | undefined {
  const done = targets.filter(({ status }) => status === "done");
  const platforms = done.flatMap((target) => target.platforms.map((one) => ({ target, one })));
  if (platforms.length === 0) return undefined;
  const many = done.some((target) => target.platforms.length > 1);
  const moved: Moved[] = [];
  const fresh: Weight[] = [];
  for (const { target, one } of platforms) {
    const weight = { name: nameOf(target, one, many), now: one.compressed };
    if (one.before) moved.push({ ...weight, before: one.before.compressed });
    else fresh.push(weight);
  }
  return section(
    "sizes",
    "Sizes",
    lede(moved, fresh),
    html`${changes(moved)}${firsts(fresh, moved.length > 0)}`,
  );
}

function nameOf({ target }: RunTarget, { platform }: RunPlatform, many: boolean): string {
  return many ? `${target} ${platform.replace(/^linux\//, "")}` : target;
}

function lede(moved: readonly Moved[], fresh: readonly Weight[]): string {
  const fewer = moved.length === 0 ? "" : `${togetherText(moved)} `;
  const first =
    fresh.length === 0
      ? ""
      : `${formatBytes(sum(fresh.map(({ now }) => now)))} without anything to compare with. `;
  return `${fewer}${first}Compressed, as they are pulled.`;
}

function togetherText(moved: readonly Moved[]): string {
  const before = sum(moved.map((one) => one.before));
  const change = sum(moved.map(({ now }) => now)) - before;
  const now = formatBytes(before + change);
  if (change === 0) return `${now} together, as before.`;
  return `${now} together, ${formatChange(change)} (${formatPercent(change, before)}).`;
}

/** The biggest changes first. What is as before is counted only. */
function changes(moved: readonly Moved[]): Markup {
  const changed = moved
    .filter(({ now, before }) => now !== before)
    .sort((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
  const same = moved.length - changed.length;
  const deltas = changed.map(({ now, before }) => now - before);
  const less = Math.max(0, ...deltas.map((delta) => -delta));
  const whole = less + Math.max(0, ...deltas);
  const rows = changed.map((one) => changeRow(one, less, whole));
  const headings = ["Change", "Before → now", "Bytes", "Share"];
  const zero = (less / whole) * 100;
  const caption = "How sizes changed, the biggest changes first";
  return html`${rows.length > 0 && chart({ caption, noun: "size", headings, rows, zero })}${
    same > 0 && html`<p class="aside">${count(same, "image")} as large as before, to the byte.</p>`
  }`;
}

/** @param less the most that any lost, in bytes: zero is so far from the left. @param whole the chart's width */
function changeRow({ name, now, before }: Moved, less: number, whole: number): ChartRow {
  const delta = now - before;
  const from = ((less + Math.min(delta, 0)) / whole) * 100;
  return {
    name,
    title: `${name}: ${formatBytes(before)} before, ${formatBytes(now)} now`,
    bars: [{ from, width: (Math.abs(delta) / whole) * 100, kind: delta > 0 ? "more" : "less" }],
    cells: [
      html`${formatBytes(before)} → ${formatBytes(now)}`,
      html`<b>${formatChange(delta)}</b>`,
      formatPercent(delta, before),
    ],
  };
}

/** What there was nothing of before, the largest first. */
function firsts(fresh: readonly Weight[], others: boolean): Markup | undefined {
  if (fresh.length === 0) return undefined;
  const sorted = fresh.toSorted((a, b) => b.now - a.now);
  const most = sorted[0]?.now ?? 0;
  const rows = sorted.map(({ name, now }) => ({
    name,
    title: `${name}: ${formatBytes(now)}`,
    bars: [{ from: 0, width: (now / most) * 100, kind: "size" }],
    cells: [html`<b>${formatBytes(now)}</b>`],
  }));
  const caption = "Sizes of what was published for the first time, the largest first";
  const drawn = chart({ caption, noun: "size", headings: ["Compressed", "Bytes"], rows });
  return html`${others && html`<h3>For the first time</h3>`}${drawn}`;
}
