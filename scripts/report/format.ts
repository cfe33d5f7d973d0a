import prettyBytes from "pretty-bytes";

/** `12345678` → `12.3 MB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}

/** A part of a whole, both in bytes: `46%`. What is there but hardly so is `<1%`. */
export function formatShare(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}

/** `75.25` → `1m15s`, `3.21` → `3.2s`. */
export function formatSeconds(seconds: number): string {
  // Rounded first: 59.96 is a minute, not 60.0 seconds.
  const rounded = Math.round(seconds * 10) / 10;
  if (rounded < 60) return `${rounded.toFixed(1)}s`;
  return `${Math.floor(rounded / 60)}m${String(Math.floor(rounded % 60)).padStart(2, "0")}s`;
}

/** `sha256:` and twelve digits, for a table. */
export function formatDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** Rows in columns as wide as their widest cell; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return rows.map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/** `1 target`, `2 targets`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
