import { markdownTable } from "markdown-table";
import { shown } from "../system/shown/output.ts";

/**
 * A text that Markdown shows as it is, in a line or the cell of a table: it makes no link, picture or HTML, tells
 * nobody (`@name`) and points at no issue (`#1`).
 */
export function plain(text: string): string {
  // What was found stands between what was not.
  return oneLine(text)
    .split(LINKED)
    .map((piece, index) => (index % 2 === 1 ? code(piece) : escaped(piece, index === 0)))
    .join("");
}

function escaped(text: string, isFirst: boolean): string {
  const line = text.replace(MARKUP, "\\$&").replace(/&(?=#?\w)/g, "&amp;");
  return isFirst ? line.replace(BEGINNING, "$1\\$2") : line;
}

/** Within a word an underscore stands for itself. */
const MARKUP = /[\\`*[\]<>|~]|\b_|_\b|(?<!\w)_(?!\w)/g;

/** What makes a list, a heading or a line of a line that begins with it. */
const BEGINNING = /^(\d{0,9})([-+=.)#])(?=\s|[-=#]|$)/;

/**
 * What GitHub and GitLab make a link of, with no markup around it: addresses, names, numbers of issues. As code they
 * can be read, and nothing more.
 */
const LINKED = /((?:\b(?:https?|ftp|mailto|xmpp):|\bwww\.|@(?=\w)|(?<!\w)#(?=\d))[^\s|]*)/i;

/** Cleaned, and with no line end in it. */
function oneLine(text: string): string {
  return shown(text)
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
}

/** A text in a line as code. */
export function code(text: string): string {
  const line = oneLine(text);
  const ticks = "`".repeat(longestRun(line) + 1);
  const space = /^`|`$/.test(line) ? " " : "";
  // In a cell the bar would end it, even in code.
  return `${ticks}${space}${line.replaceAll("|", "\\|")}${space}${ticks}`;
}

/** A text of several lines as it is. */
export function block(text: string): string {
  const content = shown(text);
  const fence = "`".repeat(Math.max(2, longestRun(content)) + 1);
  return `${fence}text\n${content}\n${fence}`;
}

/** What a click opens. @param summary a text @param content Markdown */
export function details(summary: string, content: string): string {
  // Of a summary the lines are HTML, in which Markdown's own marks stand for themselves.
  const line = oneLine(summary).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<details><summary>${line}</summary>\n\n${content}\n\n</details>`;
}

/** Backticks in a row: what encloses them needs one more. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** Rows of cells that are Markdown; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  // Not aligned: one long cell would make every line as long.
  return markdownTable(rows, { alignDelimiters: false });
}
