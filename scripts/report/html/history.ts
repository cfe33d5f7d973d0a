import type { RunSummary } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { percent } from "./chart.ts";
import { closedCves } from "./cves.ts";
import { details, section } from "./fold.ts";
import { html, type Markup } from "./markup.ts";
import { formatDay, formatDuration, formatShortMoment, secondsOfRun } from "./quantities.ts";
import { countsOf, verdictOf } from "./verdict.ts";

/** How many runs the chart has room for on a telephone, and how many it is drawn for at least. */
const MOST = 30;
const LEAST = 14;

/** Pixels from the top of the chart: of each panel its words, where its columns may begin, and where they stand. */
const TARGETS = { words: 12, top: 20, bottom: 100 };
const SECONDS = { words: 128, top: 136, bottom: 176 };
const DATES = 194;

/** The part of the page that shows the runs before this one, and this one. */
export function historySection(summary: RunSummary, earlier: readonly RunSummary[]): Markup | undefined {
  if (earlier.length === 0) return undefined;
  const runs = [summary, ...earlier].slice(0, MOST).reverse();
  return section(
    "history",
    "The last runs",
    `${count(runs.length, "run")}, this one at the right.`,
    html`${drawing(runs)}${legend(runs)}${details("The runs in numbers", table(runs.toReversed()))}`,
  );
}

function drawing(runs: readonly RunSummary[]): Markup {
  const columns = Math.max(runs.length, LEAST);
  const width = 100 / columns;
  const most = Math.max(1, ...runs.map((run) => countsOf(run).done + countsOf(run).failed));
  const longest = Math.max(1, ...runs.map((run) => secondsOfRun(run) ?? 0));
  const drawn = runs.map((run, index) => {
    const place = { x: (columns - runs.length + index) * width, width };
    return html`${targetsColumn(run, place, most)}${secondsColumn(run, place, longest)}`;
  });
  return html`<svg class="history" role="img" aria-labelledby="history-title history-desc">
<title id="history-title">What the last runs did</title>
<desc id="history-desc">For each run, how many targets were rebuilt, how many failed, and how long it took. The table below has the numbers.</desc>
<text x="0" y="${TARGETS.words}">targets, at most ${most}</text>
<text x="0" y="${SECONDS.words}">time, at most ${formatDuration(longest)}</text>
${[TARGETS, SECONDS].map(({ bottom }) => html`<line class="base" x2="100%" y1="${bottom}" y2="${bottom}"/>`)}
${drawn}
${dates(runs, columns)}</svg>`;
}

/** Where a run's column may be, in percent of the chart's width. */
interface Place {
  readonly x: number;
  readonly width: number;
}

function targetsColumn(run: RunSummary, place: Place, most: number): Markup {
  const { done, failed } = countsOf(run);
  const { top, bottom } = TARGETS;
  const height = (targets: number) => (targets === 0 ? 0 : Math.max(2, (targets / most) * (bottom - top)));
  const doneHeight = height(done);
  return html`<g><title>${runText(run)}</title>
${columnOf("done", place, bottom - doneHeight, doneHeight)}
${columnOf("failed", place, bottom - doneHeight - height(failed), height(failed))}
${done + failed === 0 && columnOf("idle", place, bottom - 2, 2)}
${run.ended === undefined && html`<text class="killed" text-anchor="middle" x="${percent(place.x + place.width / 2)}" y="${bottom + 13}">×</text>`}</g>`;
}

function secondsColumn(run: RunSummary, place: Place, longest: number): Markup {
  const { top, bottom } = SECONDS;
  const height = Math.max(1, ((secondsOfRun(run) ?? 0) / longest) * (bottom - top));
  return html`${run.ended !== undefined && columnOf("took", place, bottom - height, height)}`;
}

/** A column, with room to the next one. */
function columnOf(kind: string, { x, width }: Place, y: number, height: number): Markup {
  if (height === 0) return html``;
  const px = (value: number) => Number(value.toFixed(1));
  return html`<rect class="${kind}" x="${percent(x + width * 0.14)}" width="${percent(width * 0.72)}" y="${px(y)}" height="${px(height)}"/>`;
}

/** Of the oldest run and of this one; of this one alone where there is no room between them. */
function dates(runs: readonly RunSummary[], columns: number): Markup {
  const [oldest] = runs;
  const newest = runs.at(-1);
  const room = runs.length >= 8;
  const from = ((columns - runs.length) / columns) * 100;
  return html`${room && oldest && html`<text x="${percent(from)}" y="${DATES}">${formatDay(oldest.started)}</text>`}
${newest && html`<text class="this" x="100%" y="${DATES}" text-anchor="end">this run, ${formatDay(newest.started)}</text>`}`;
}

function legend(runs: readonly RunSummary[]): Markup {
  const killed = runs.some(({ ended }) => ended === undefined);
  const failed = runs.some((run) => countsOf(run).failed > 0);
  return html`<ul class="legend">
<li><i class="key done"></i>rebuilt</li>
${failed && html`<li><i class="key failed"></i>failed</li>`}
<li><i class="key took"></i>time</li>
${killed && html`<li><b class="killed">×</b> no end: killed, or still under way</li>`}</ul>`;
}

function runText(run: RunSummary): string {
  const { done, failed } = countsOf(run);
  return `${formatShortMoment(run.started)}: ${done} rebuilt, ${failed} failed, ${tookText(run)}`;
}

function tookText(run: RunSummary): string {
  const seconds = secondsOfRun(run);
  return seconds === undefined ? "no end" : formatDuration(seconds);
}

function table(runs: readonly RunSummary[]): Markup {
  const rows = runs.map((run) => {
    const { done, failed } = countsOf(run);
    const numbers = [done, failed, closedCves(run), tookText(run)].map(
      (cell) => html`<td class="number">${cell}</td>`,
    );
    return html`<tr><th scope="row">${formatShortMoment(run.started)}</th><td>${verdictOf(run).title}</td>${numbers}</tr>`;
  });
  const headings = ["Rebuilt", "Failed", "CVEs", "Took"].map(
    (name) => html`<th scope="col" class="number">${name}</th>`,
  );
  return html`<div class="wide" role="region" aria-label="The last runs" tabindex="0"><table>
<caption class="unseen">The last runs, the newest first</caption>
<thead><tr><th scope="col">Started (UTC)</th><th scope="col">Verdict</th>${headings}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
