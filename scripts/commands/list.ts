import { supportOf } from "../catalog/end-of-life.ts";
import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/select.ts";
import { targetsText } from "../report/target-list.ts";
import type { CommonOptions } from "./options.ts";
import { printResult } from "./output.ts";

/** Shows the targets of the catalog. */
export async function list(patterns: string[], options: CommonOptions): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const targets = selectTargets(catalog.targets, patterns);
  const today = new Date();
  printResult(
    options,
    (width) => targetsText(targets, today, width),
    () =>
      targets.map((target) => ({
        target: target.name,
        branch: target.branch,
        endOfLife: target.endOfLife ?? null,
        support: supportOf(target, today),
        tags: target.tags,
        world: target.world,
        platforms: target.platforms,
      })),
  );
}
