import { resolve } from "node:path";
import { type Cleaned, clean } from "../app/clean/clean.ts";
import type { CommonOptions } from "../app/options.ts";
import { printResult } from "../app/print-result.ts";
import type { Session } from "../app/session.ts";
import { loadCatalog } from "../catalog/load.ts";
import { DEFAULT_RULE } from "../model/clean-rule.ts";
import { count, formatBytes, formatTable } from "../system/shown/format.ts";

export interface CleanCommandOptions extends CommonOptions {
  readonly state: string;
  readonly dryRun: boolean;
  readonly builder?: string;
}

/** Removes what the catalog's rule no longer allows in the state directory and in the engine. */
export async function cleanState(options: CleanCommandOptions): Promise<void> {
  const { clean: rule = DEFAULT_RULE } = await loadCatalog(options.catalog);
  const cleaned = await clean({ ...options, state: resolve(options.state), rule });
  printResult(
    options,
    (width) => cleanedText(cleaned, options.dryRun, width),
    () => ({
      removed: cleaned.removed.map(({ paths: _, ...removal }) => removal),
      bytes: bytesOf(cleaned),
      ...{ running: cleaned.isRunning, dryRun: options.dryRun },
    }),
  );
}

/** The same at the end of a run. What cannot be removed now is no failure of the run: the next one tries again. */
export async function cleanAfterRun(session: Session, state: string, builder?: string): Promise<void> {
  const { clean: rule = DEFAULT_RULE } = session.catalog;
  const note = (text: string) => session.listener({ type: "note", text });
  try {
    const cleaned = await clean({ state: resolve(state), rule, dryRun: false, builder });
    if (cleaned.removed.length > 0) note(sumText(cleaned, false));
  } catch (error) {
    note(`could not clean up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const WHY = {
  age: "not built for longer than the catalog's clean.layouts",
  disk: "layouts take more than the catalog's clean.disk",
  number: "there are more runs than the catalog's clean.runs",
  leftover: "left behind by a run that was killed",
} as const;

function cleanedText(cleaned: Cleaned, dryRun: boolean, width: number | undefined): string {
  const rows = cleaned.removed.map(({ name, bytes, why }) => [name, formatBytes(bytes), WHY[why]]);
  const table = rows.length > 0 ? `${formatTable([["PATH", "SIZE", "WHY"], ...rows], width)}\n\n` : "";
  const running = cleaned.isRunning
    ? "\nA run is in progress: its layouts and the engine were left alone."
    : "";
  const engine = cleaned.engine === undefined ? "" : `\n${cleaned.engine}`;
  return `${table}${sumText(cleaned, dryRun)}${engine}${running}`;
}

function sumText(cleaned: Cleaned, dryRun: boolean): string {
  if (cleaned.removed.length === 0) return "Nothing to clean.";
  const sum = `${count(cleaned.removed.length, "item")}, ${formatBytes(bytesOf(cleaned))}`;
  return dryRun ? `Would remove ${sum}.` : `Removed ${sum}.`;
}

function bytesOf({ removed }: Cleaned): number {
  return removed.reduce((sum, { bytes }) => sum + bytes, 0);
}
