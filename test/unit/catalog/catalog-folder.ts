import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { CatalogError } from "../../../scripts/catalog/text/problems.ts";

/** A new folder with these files in it, by path; it is removed when the test has ended. */
export async function catalogFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "catalogs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** What is said when the first of these files is loaded: one line for each mistake, paths from their folder. */
export async function mistakesInFiles(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await catalogFolder(files);
  const error = await loadCatalog(join(folder, Object.keys(files)[0] ?? "")).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CatalogError))
    throw error instanceof Error ? error : new Error("there is no mistake");
  return error.message.replaceAll(`${folder}/`, "").split("\n");
}
