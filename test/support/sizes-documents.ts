import type { MeasuredSizes, Saving } from "../../scripts/render/measured-sizes.ts";

/** The text of sizes.json: targets and savings by name, so that a change shows where it is. */
export function sizesJson({ targets, savings }: MeasuredSizes): string {
  return `${JSON.stringify({ targets: byName(targets), savings: byName(savings) }, null, 2)}\n`;
}

function byName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The largest that an image's runtime may be, and what it is. */
export interface MeasuredLimit {
  readonly target: string;
  readonly packages: number;
  /** Bytes to download. */
  readonly compressed: number;
  readonly limit: number;
}

/** The table of savings in docs/sizes.md. */
export function savingsTable(savings: Readonly<Record<string, Saving>>): string {
  return markdownTable(
    ["", "world", "instead of", "saved download", "saved on disk"],
    Object.entries(savings).map(([name, { world, insteadOf, compressed, installed }]) => [
      name,
      `\`${world}\``,
      `\`${insteadOf}\``,
      bytes(compressed),
      bytes(installed),
    ]),
  );
}

/** The table of limits in docs/sizes.md. */
export function limitsTable(limits: readonly MeasuredLimit[]): string {
  return markdownTable(
    ["runtime", "packages", "download", "at most"],
    limits.map(({ target, packages, compressed, limit }) => [
      `\`${target}\``,
      String(packages),
      bytes(compressed),
      bytes(limit),
    ]),
  );
}

/**
 * A document with the text between `<!-- NAME -->` and `<!-- /NAME -->` replaced.
 *
 * @throws Error when the document has no such place
 */
export function replaceBlock(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for ${name}: ${start}…${end}`);
  return `${document.slice(0, from + start.length)}\n${text}\n\n${document.slice(to)}`;
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map((one) => line(one))].join("\n");
}

/** `4,168,900 B`. */
function bytes(number: number): string {
  return `${number.toLocaleString("en-US")} B`;
}
