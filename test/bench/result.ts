import { formatTable } from "../../scripts/system/shown/format.ts";

/** What a number of a benchmark is counted in. */
export type Unit = "ms" | "s" | "MB" | "requests" | "targets";

/** One line of a benchmark: what was measured, held against something measured or agreed on. */
export interface Result {
  readonly benchmark: string;
  readonly what: string;
  readonly unit: Unit;
  readonly measured: number;
  /** A peer that did the same in the same run, or a limit. */
  readonly against: { readonly what: string; readonly value: number };
  /** The most that measured ÷ against may be. Without one the line is only told. */
  readonly allowed?: number;
}

/** One benchmark. Nothing of it stays behind when it has run. */
export interface Benchmark {
  readonly name: string;
  /** In a few words, for the list. */
  readonly title: string;
  /** @param note tells what is going on, for the one who waits */
  run(note: (text: string) => void): Promise<Result[]>;
}

/** How many times the peer, or what part of the limit; of a limit of nothing, nothing is none of it. */
function ratioOf({ measured, against }: Result): number {
  return measured === 0 ? 0 : measured / against.value;
}

/** Whether it is more than is allowed. */
export function isOver(result: Result): boolean {
  return result.allowed !== undefined && ratioOf(result) > result.allowed;
}

/** The results as a table. */
export function resultsText(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.what,
    formatValue(result.measured, result.unit),
    `${result.against.what} ${formatValue(result.against.value, result.unit)}`,
    ratioOf(result).toFixed(2),
    result.allowed?.toFixed(2) ?? "-",
    verdictOf(result),
  ]);
  return formatTable([["WHAT", "MEASURED", "AGAINST", "RATIO", "ALLOWED", ""], ...rows]);
}

/** The results as a program reads them. */
export function resultsJson(results: readonly Result[]) {
  return results.map((result) => ({ ...result, ratio: ratioOf(result), over: isOver(result) }));
}

function verdictOf(result: Result): string {
  if (result.allowed === undefined) return "";
  return isOver(result) ? "OVER" : "ok";
}

function formatValue(value: number, unit: Unit): string {
  if (unit === "requests" || unit === "targets") return `${value} ${unit}`;
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
