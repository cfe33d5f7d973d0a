import { resolve } from "node:path";
import { type Cleaned, clean, cleanedBytes, cleanedSummary } from "../app/clean.ts";
import type { DryRunOption, EngineOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { DEFAULT_RULE } from "../model/policy.ts";
import { formatBytes, formatTable } from "../system/shown/format.ts";

type CleanOptions = Pick<EngineOptions, "json" | "catalog" | "state" | "builder"> & DryRunOption;

/** Removes what the catalog's rule no longer allows in the state directory and in the engine. */
export async function cleanState(options: CleanOptions): Promise<void> {
  const { clean: rule = DEFAULT_RULE } = await loadCatalog(options.catalog);
  const cleaned = await clean({ ...options, state: resolve(options.state), rule });
  printResult(
    options,
    "clean",
    (width) => cleanedText(cleaned, options.dryRun, width),
    () => ({
      removed: cleaned.removed.map(({ kind, name, bytes, used, why }) => ({ kind, name, bytes, used, why })),
      bytes: cleanedBytes(cleaned),
      running: cleaned.isRunning,
      dryRun: options.dryRun,
    }),
  );
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
  return `${table}${cleanedSummary(cleaned, dryRun)}${engine}${running}`;
}
