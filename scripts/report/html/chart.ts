import { fold } from "./parts.ts";

/** A bar, or a part of one, in percent of the chart's width. */
interface Bar {
  readonly from: number;
  readonly width: number;
  /** Which colour: a class of the style sheet. */
  readonly kind: string;
}

/** One row of a chart: a picture, and what it shows in numbers. */
interface ChartRow {
  readonly name: string;
  readonly picture: ReturnType<typeof pictureOf>;
  /** The cells after the picture. */
  readonly cells: readonly { readonly text: string; readonly isStrong?: boolean }[];
}

/** Rows that are seen, and those that a click shows; the table of all targets has the rest in numbers. */
const SHOWN = 8;
const DRAWN = 110;

/**
 * A chart that is a table, as chart.hbs draws it: each row has a picture, which the browser makes as wide as there is
 * room. The rows come with the most important first.
 * @param words those above it: its caption, and the headings of the pictures and of the cells after them
 * @param noun what a row is, for the line that unfolds the rest: `target`
 */
export function chartOf(
  words: { readonly caption: string; readonly pictures: string; readonly headings: readonly string[] },
  noun: string,
  rows: readonly ChartRow[],
) {
  const folded = fold(rows, SHOWN, noun);
  const rest = folded.rest.slice(0, DRAWN - SHOWN);
  const left = folded.rest.length - rest.length;
  const aside = `${left} more are in the table of all targets, below.`;
  return { ...words, ...folded, rest, ...(left > 0 && { aside }) };
}

/** What is there must be seen, however small: bars are at least this wide, in percent. */
const LEAST = 0.4;

/**
 * Bars beside each other in one line, as bars.hbs draws them: lengths as SVG has them.
 * @param title what they show, in words
 * @param zero where zero is, in percent: a line is drawn there
 */
export function pictureOf(title: string, bars: readonly Bar[], zero?: number) {
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
