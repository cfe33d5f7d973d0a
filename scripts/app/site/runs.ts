import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readRunJournals, runsIn } from "../../report/runs/journal.ts";
import { summaryOf } from "../../report/runs/summarize.ts";
import type { SiteRun } from "../../report/site/site.ts";
import type { Save } from "./documents.ts";

/** Runs whose journals say why builds were made; and of how many of them the account is copied. */
const READ = 100;
const SHOWN = 14;

/**
 * The last runs that a state directory remembers, the newest first; the accounts of the last few are copied.
 * @param registry runs that published elsewhere are none of this site's
 */
export async function readRuns(state: string, registry: string, save: Save): Promise<SiteRun[]> {
  const directory = runsIn(resolve(state));
  const runs: SiteRun[] = [];
  for await (const journal of readRunJournals(directory)) {
    const summary = summaryOf(journal);
    if (summary.registry !== registry) continue;
    const page = runs.length < SHOWN ? await copyPage(directory, summary.id, save) : undefined;
    if (runs.push({ summary, page }) === READ) break;
  }
  return runs;
}

/** @returns where it is now, below the site's folder; undefined where the run left none */
async function copyPage(directory: string, id: string, save: Save): Promise<string | undefined> {
  const text = await readFile(join(directory, `${id}.html`), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const path = join("runs", `${id}.html`);
  await save(path, text);
  return path;
}
