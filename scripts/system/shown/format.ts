import prettyBytes from "pretty-bytes";
import prettyMilliseconds from "pretty-ms";
import { cleanLine } from "./clean-text.ts";

/** `12345678` → `12.3 MB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}

/** A part of a whole, both in bytes: `46%`. What is there but hardly so is `<1%`. */
export function formatShare(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}

/** `3.21` → `3.2s`, `75.25` → `1m 15s`, `7512` → `2h 5m`. */
export function formatSeconds(seconds: number): string {
  // What would be rounded up to 60.0 seconds is a minute.
  const isShort = seconds < 59.95;
  return prettyMilliseconds(isShort ? Math.round(seconds * 10) * 100 : Math.round(seconds) * 1000, {
    keepDecimalsOnWholeSeconds: isShort,
    subSecondsAsDecimals: true,
    unitCount: 2,
  });
}

/** `sha256:` and twelve digits, for a table. */
export function formatDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/**
 * Rows in columns as wide as their widest cell; the first row is the heading. Where that is wider than it may be, the
 * last column is wrapped; and what does not stand beside the others even so is told below each row, with its heading.
 * Nothing is ever cut: names of packages and of vulnerabilities are there in full.
 */
export function formatTable(cells: readonly (readonly string[])[], width?: number): string {
  const rows = cells.map((row) => row.map((cell) => oneLine(cell)));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const beside = columnsBeside(widths, width);
  const heading = rows[0]?.slice(beside) ?? [];
  const lines = rows.flatMap((row, index) => {
    const facts = row.slice(beside).map((cell, column) => [heading[column] ?? "", cell] as const);
    const told = facts.filter(([, cell]) => index > 0 && cell !== "");
    return [...lineOf(row.slice(0, beside), widths, width), ...formatFacts(told, width, 4)];
  });
  return lines.join("\n");
}

const GAP = "  ";

/** What a stranger wrote makes no line that looks like one of ours, and takes no width that is not seen. */
export function oneLine(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? "";
  return indent + cleanLine(text, Number.POSITIVE_INFINITY);
}

/** What a column that is wrapped has to have at least, in characters. */
const NARROWEST = 30;

/** How many columns stand beside each other: all, if but the last one may be wrapped. */
function columnsBeside(widths: readonly number[], width: number | undefined): number {
  if (width === undefined) return widths.length;
  const ends = widths.map((_, column) => startOf(widths, column + 1) - GAP.length);
  const last = widths.length - 1;
  const isWhole = (ends[last] ?? 0) <= width || width - startOf(widths, last) >= NARROWEST;
  return isWhole ? widths.length : Math.max(1, ends.filter((end) => end <= width).length);
}

function startOf(widths: readonly number[], column: number): number {
  return widths.slice(0, column).reduce((sum, one) => sum + one + GAP.length, 0);
}

/** A row, its last cell wrapped within what is left of the line. */
function lineOf(row: readonly string[], widths: readonly number[], width: number | undefined): string[] {
  const start = startOf(widths, row.length - 1);
  const before = row.slice(0, -1).map((cell, column) => cell.padEnd((widths[column] ?? 0) + GAP.length));
  const [first = "", ...more] = wrap(row.at(-1) ?? "", width === undefined ? undefined : width - start);
  return [`${before.join("")}${first}`.trimEnd(), ...setIn(start, more)];
}

/**
 * Names and what is to be said of each, below each other. What is longer than the line is wrapped, and what is longer
 * without a place to wrap it, as a digest is, stands in a line of its own.
 * @param indent spaces before each name
 */
export function formatFacts(
  facts: readonly (readonly [name: string, fact: string])[],
  width?: number,
  indent = 2,
): string[] {
  const start = indent + Math.max(0, ...facts.map(([name]) => name.length)) + GAP.length;
  return facts.flatMap(([name, text]) => {
    const fact = oneLine(text);
    const head = `${" ".repeat(indent)}${name}`;
    const room = width === undefined ? Number.POSITIVE_INFINITY : width - start;
    const isWrappable = fact.split(BREAKS).every((word) => word.length <= room);
    if (!isWrappable) return [head, ...setIn(indent + 2, wrap(fact, room + start - indent - 2))];
    const [first = "", ...more] = wrap(fact, room);
    return [`${head.padEnd(start)}${first}`.trimEnd(), ...setIn(start, more)];
  });
}

function setIn(column: number, lines: readonly string[]): string[] {
  return lines.map((line) => `${" ".repeat(column)}${line}`.trimEnd());
}

/**
 * A text in lines of a width, broken at spaces alone; a word that is longer than a line keeps it to itself.
 * @param width in characters; undefined where there is no bound
 * @param hang spaces before all lines but the first
 */
export function wrap(text: string, width: number | undefined, hang = 0): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width, hang));
}

function wrapLine(line: string, width: number | undefined, hang: number): string[] {
  if (width === undefined || line.length <= width) return [line];
  const lead = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = lead;
  for (const word of line.slice(lead.length).split(BREAKS)) {
    const isFirst = current.trim() === "";
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current);
      current = lead + " ".repeat(hang) + word;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current];
}

/** Spaces at which a line may end: `3.3.2-r0 → 3.3.2-r1` and `2 more` are read at one glance. */
const BREAKS = / (?!→ |more\b)(?<!→ )/;

/** Lines of prose as wide as they may be; what goes on in a further line is set in. */
export function formatProse(text: string, width?: number): string {
  return wrap(text, width, 2).join("\n");
}

/** `1 target`, `2 targets`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
