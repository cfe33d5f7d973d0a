import type { CommonOptions } from "../app/options.ts";
import { templateFolders } from "../app/paths.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { CatalogError } from "../catalog/text/problems.ts";
import { checkTemplates } from "../render/templates.ts";
import { count } from "../system/shown/format.ts";

/** Validates the catalog. */
export async function check(options: CommonOptions): Promise<void> {
  try {
    const catalog = await loadCatalog(options.catalog);
    const { targets } = catalog;
    // Its own templates are looked at too: what is wrong in one would stop every other command.
    await checkTemplates(...templateFolders(catalog));
    printResult(
      options,
      "check",
      () => `${options.catalog} is valid (${count(targets.length, "target")}).`,
      () => ({ valid: true, problems: [] }),
    );
  } catch (error) {
    if (!options.json || !(error instanceof CatalogError)) throw error;
    const { problems, message } = error;
    process.exitCode = 2;
    printResult(
      options,
      "check",
      () => message,
      () => ({ valid: false, problems }),
    );
  }
}
