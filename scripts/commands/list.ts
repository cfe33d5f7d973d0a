import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/select.ts";
import { formatTable } from "../report/format.ts";
import type { CommonOptions } from "./options.ts";
import { printResult } from "./output.ts";

/** Shows the targets of the catalog. */
export async function list(patterns: string[], options: CommonOptions): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const targets = selectTargets(catalog.targets, patterns);
  const rows = targets.map(({ name, branch, tags, world }) => [
    name,
    branch,
    tags.join(" "),
    world.join(" "),
  ]);
  printResult(
    options,
    () => formatTable([["TARGET", "ALPINE", "TAGS", "PACKAGES"], ...rows]),
    () =>
      targets.map(({ name, branch, tags, world, platforms }) => ({
        target: name,
        branch,
        tags,
        world,
        platforms,
      })),
  );
}
