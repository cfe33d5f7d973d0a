import type { CommonOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { supportOf } from "../model/end-of-life.ts";
import { targetsText } from "../report/targets.ts";

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
