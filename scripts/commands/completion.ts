import type { Command } from "commander";
import { candidates, SCRIPTS, type Shell } from "../app/completion.ts";
import { loadCatalog } from "../catalog/load.ts";
import { print, printDocument } from "../system/shown/output.ts";

/** Prints what a shell reads to complete our command lines; with words, what may come next, which that asks for. */
export async function completion(program: Command, shell: Shell, words: readonly string[]): Promise<void> {
  if (words.length === 0) return printDocument(SCRIPTS[shell]);
  const found = await candidates(program, words, targetsOf);
  if (found.length > 0) print(found.join("\n"));
}

/** Nobody who types wants to hear of a mistake in the catalog: then there is nothing to complete. */
async function targetsOf(file: string): Promise<string[]> {
  const targets = await loadCatalog(file).then(
    (catalog) => catalog.targets,
    () => [],
  );
  return [...new Set(targets.flatMap(({ image, name }) => [image, name]))];
}
