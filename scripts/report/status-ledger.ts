import { type Latency, latencyOf } from "../model/latency.ts";
import { isOpen, type Ledger, type LedgerEntry } from "../model/ledger.ts";
import { formatProse, formatTable } from "../system/shown/format.ts";
import { latencyText } from "./latency-text.ts";

/** What a ledger is told of: a target, and what its tag points at. */
export interface HasLedger {
  readonly name: string;
  readonly digest: string | undefined;
  /** Undefined where nobody scanned yet. */
  readonly ledger: Ledger | undefined;
}

/**
 * The vulnerabilities of an image that nobody has fixed, by the last scan; undefined where nobody can tell: it was not
 * scanned, or no scanner looked (Alpine's list tells of fixes only), or the tag points elsewhere since.
 */
export function unfixedOf({ digest, ledger }: HasLedger): readonly LedgerEntry[] | undefined {
  const { looked, entries = [] } = ledger ?? {};
  if (!looked || looked.digest !== digest || looked.sources.every((one) => one === "secdb")) return undefined;
  return entries.filter((entry) => isOpen(entry) && !entry.fixedByAlpine);
}

/** How long fixes take, by all ledgers together. */
export function latencyIn(those: readonly HasLedger[], now: Date): Latency {
  return latencyOf(
    those.flatMap(({ ledger }) => ledger?.entries ?? []),
    now,
  );
}

/** When the first of them was last looked at, and when the last; undefined where none was. ISO 8601. */
export function lookedAt(those: readonly HasLedger[]): { from: string; to: string } | undefined {
  const times = those.flatMap(({ ledger }) => ledger?.looked?.at ?? []).sort();
  const [from, to] = [times[0], times.at(-1)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Each vulnerability without a fix once: who holds it, and what the catalog says of it. */
export function unfixedRows(those: readonly HasLedger[]): string[][] {
  const rows = new Map<string, { cells: string[]; holders: string[] }>();
  for (const one of those) {
    for (const { id, severity = "-", package: of, installed, exception } of unfixedOf(one) ?? []) {
      const standing = exception ? `${exception.kind.replace("_", " ")} until ${exception.until}` : "-";
      const cells = [id, severity, `${of} ${installed}`, standing];
      const key = JSON.stringify(cells);
      const row = rows.get(key) ?? { cells, holders: [] };
      rows.set(key, row);
      row.holders.push(one.name);
    }
  }
  return [...rows.values()].map(({ cells, holders }) => [...cells, holders.join(" ")]).sort();
}

export const UNFIXED_HEADING = ["WITHOUT A FIX", "SEVERITY", "INSTALLED", "EXCEPTION", "HELD BY"];

/** What ledgers tell, below a status. @param width of a line, in characters; undefined where there is no bound */
export function ledgerText(those: readonly HasLedger[], now: Date, width?: number): string {
  const looked = lookedAt(those);
  if (!looked) return "";
  const rows = unfixedRows(those);
  const table = rows.length > 0 ? `${formatTable([UNFIXED_HEADING, ...rows], width)}\n` : "";
  return table + formatProse(`${scanText(looked)} ${latencyText(latencyIn(those, now))}`, width);
}

/** `Last scanned 2026-11-29 02:11 UTC.` */
export function scanText({ from, to }: { from: string; to: string }): string {
  const moment = (time: string) => `${time.slice(0, 16).replace("T", " ")} UTC`;
  return `Last scanned ${from === to ? moment(to) : `between ${moment(from)} and ${moment(to)}`}.`;
}
