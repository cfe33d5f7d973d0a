/** A text that Markdown shows as it is, in a line or the cell of a table. */
export function plain(text: string): string {
  // Within a word an underscore stands for itself.
  return text.replace(/[\\`*[\]<>|~]|\b_|_\b|(?<!\w)_(?!\w)/g, "\\$&").replace(/(?<!\s)\s*\n\s*/g, " ");
}

/** A text in a line as code. */
export function code(text: string): string {
  const line = text.replace(/(?<!\s)\s*\n\s*/g, " ");
  const ticks = "`".repeat(longestRun(line) + 1);
  const space = /^`|`$/.test(line) ? " " : "";
  // In a cell the bar would end it, even in code.
  return `${ticks}${space}${line.replaceAll("|", "\\|")}${space}${ticks}`;
}

/** A text of several lines as it is. */
export function block(text: string): string {
  const fence = "`".repeat(Math.max(2, longestRun(text)) + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** Backticks in a row: what encloses them needs one more. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** Rows of cells that are Markdown; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...others] = rows;
  const lines = [heading, heading.map(() => "---"), ...others];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
