import { type Folded, fold } from "./parts.ts";

/** A bar, or a part of one, in percent of the chart's width. */
export interface Bar {
  readonly from: number;
  readonly width: number;
  /** Which colour: a class of the style sheet. */
  readonly kind: string;
}

/** Bars beside each other in one line, as bars.hbs draws them: lengths as SVG has them. */
export interface Picture {
  /** What it shows, in words. */
  readonly title: string;
  readonly bars: readonly { readonly kind: string; readonly x: string; readonly width: string }[];
  /** Where zero is; a line is drawn there. */
  readonly zero?: string;
}

/** One row of a chart: a picture, and what it shows in numbers. */
export interface ChartRow {
  readonly name: string;
  readonly picture: Picture;
  /** The cells after the picture. */
  readonly cells: readonly { readonly text: string; readonly isStrong?: boolean }[];
}

/** A chart that is a table, as chart.hbs draws it: its rows have a picture each, which the browser makes as wide as there is room. */
export interface Chart extends Folded<ChartRow> {
  readonly caption: string;
  /** The headings of the pictures, and of the cells after them. */
  readonly pictures: string;
  readonly headings: readonly string[];
  /** What is not even behind the click. */
  readonly aside?: string;
}

/** Rows that are seen, and those that a click shows; the table of all targets has the rest in numbers. */
const SHOWN = 8;
const DRAWN = 110;

/**
 * A chart of rows that come with the most important first.
 * @param noun what a row is, for the line that unfolds the rest: `target`
 */
export function chartOf(
  { caption, pictures, headings }: Pick<Chart, "caption" | "pictures" | "headings">,
  noun: string,
  rows: readonly ChartRow[],
): Chart {
  const folded = fold(rows, SHOWN, noun);
  const rest = folded.rest.slice(0, DRAWN - SHOWN);
  const left = folded.rest.length - rest.length;
  const aside = `${left} more are in the table of all targets, below.`;
  return { caption, pictures, headings, ...folded, rest, ...(left > 0 && { aside }) };
}

/** What is there must be seen, however small: bars are at least this wide, in percent. */
const LEAST = 0.4;

/** Bars as they are drawn. @param zero where zero is, in percent */
export function pictureOf(title: string, bars: readonly Bar[], zero?: number): Picture {
  const drawn = bars
    .filter(({ width }) => width > 0)
    .map(({ from, width, kind }) => ({
      kind,
      x: percent(Math.min(from, 100 - LEAST)),
      width: percent(Math.max(width, LEAST)),
    }));
  return { title, bars: drawn, ...(zero !== undefined && { zero: percent(zero) }) };
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
