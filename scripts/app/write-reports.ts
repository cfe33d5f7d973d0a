import { join } from "node:path";
import type { RunSummary } from "../model/run.ts";
import { loadRunReports } from "../report/run-html.ts";
import { copyWhole, writeWhole } from "../system/files/files.ts";
import { TEMPLATES } from "./paths.ts";

/** How many earlier runs a report may compare with. */
const EARLIER = 30;

/**
 * Writes the reports of a run beside its journal: `ID.md`, and the same again as `latest.md`, in each form that there is.
 * @param earlier the newest first; read only as far as is needed
 * @throws Error where they cannot be written
 */
export async function writeReports(
  directory: string,
  summary: RunSummary,
  earlier: AsyncIterable<RunSummary>,
): Promise<void> {
  const reports = await loadRunReports(join(TEMPLATES, "report"));
  const before = await firstOf(earlier, EARLIER);
  for (const [form, render] of Object.entries(reports)) {
    const file = join(directory, `${summary.id}.${form}`);
    await writeWhole(file, render(summary, before));
    await copyWhole(file, join(directory, `latest.${form}`));
  }
}

async function firstOf<Item>(items: AsyncIterable<Item>, most: number): Promise<Item[]> {
  const first: Item[] = [];
  for await (const item of items) {
    if (first.push(item) === most) break;
  }
  return first;
}
