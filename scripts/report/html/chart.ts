import { count } from "../../system/shown/format.ts";
import { details, fold } from "./fold.ts";
import { html, type Markup, type Piece } from "./markup.ts";

/** A bar, or a part of one, in percent of the chart's width. */
export interface Bar {
  readonly from: number;
  readonly width: number;
  /** Which colour: a class of the style sheet. */
  readonly kind: string;
}

/** One row of a chart: a picture, and what it shows in numbers. */
export interface ChartRow {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** What the picture shows, in words. */
  readonly title: string;
  /** The cells after the picture. */
  readonly cells: readonly Piece[];
}

/** A chart that is a table: its rows have a picture each, which the browser makes as wide as there is room. */
export interface Chart {
  readonly caption: string;
  /** What the chart is of, for the line that unfolds the rest: `target`. */
  readonly noun: string;
  /** Of the picture, and of the cells after it. */
  readonly headings: readonly string[];
  readonly rows: readonly ChartRow[];
  /** Where zero is, in percent; a line is drawn there. */
  readonly zero?: number;
}

/** Rows that are seen, and those that a click shows; the table of all targets has the rest in numbers. */
const SHOWN = 8;
const DRAWN = 110;

/** Draws a chart of rows that come with the most important first. */
export function chart(chart: Chart): Markup {
  const { shown, rest } = fold(chart.rows, SHOWN);
  const drawn = rest.slice(0, DRAWN - SHOWN);
  const left = rest.length - drawn.length;
  const more = html`${table(chart, drawn)}${left > 0 && html`<p class="aside">${left} more are in the table of all targets, below.</p>`}`;
  return html`${table(chart, shown)}${rest.length > 0 && details(count(rest.length, `more ${chart.noun}`), more)}`;
}

function table(chart: Chart, rows: readonly ChartRow[]): Markup {
  const [picture = "", ...cells] = chart.headings;
  return html`<table class="chart columns-${cells.length}">
<caption class="unseen">${chart.caption}</caption>
<thead><tr><th scope="col">Target</th><th scope="col">${picture}</th>${cells.map((cell) => html`<th scope="col" class="number">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => tableRow(row, chart.zero))}</tbody></table>`;
}

function tableRow({ name, bars, title, cells }: ChartRow, zero: number | undefined): Markup {
  return html`<tr><th scope="row"><code>${name}</code></th><td class="picture">${picture(bars, title, zero)}</td>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`;
}

/** What is there must be seen, however small: bars are at least this wide, in percent. */
const LEAST = 0.4;

/** Bars beside each other, in one line. */
export function picture(bars: readonly Bar[], title: string, zero?: number): Markup {
  const drawn = bars.filter(({ width }) => width > 0);
  return html`<svg class="bars" role="img"><title>${title}</title>${drawn.map(
    ({ from, width, kind }) =>
      html`<rect class="${kind}" x="${percent(Math.min(from, 100 - LEAST))}" width="${percent(Math.max(width, LEAST))}" height="100%"/>`,
  )}${zero !== undefined && html`<line class="zero" x1="${percent(zero)}" x2="${percent(zero)}" y2="100%"/>`}</svg>`;
}

/** With two decimals: finer than any screen. */
export function percent(value: number): string {
  return `${Number(value.toFixed(2))}%`;
}

/** Bars one after the other, from the left. @param whole what fills the whole width, in the unit of the parts */
export function stacked(
  parts: readonly { readonly value: number; readonly kind: string }[],
  whole: number,
): Bar[] {
  let from = 0;
  return parts.map(({ value, kind }) => {
    const width = whole > 0 ? (value / whole) * 100 : 0;
    const bar = { from, width, kind };
    from += width;
    return bar;
  });
}
