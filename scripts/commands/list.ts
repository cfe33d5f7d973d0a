import type { CommonOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { supportOf } from "../model/end-of-life.ts";
import { targetsText } from "../report/targets.ts";

type ListOptions = CommonOptions & { readonly eol: boolean; readonly branch?: string };

/** Shows the targets of the catalog, or those of them that a person looks for. */
export async function list(patterns: string[], options: ListOptions): Promise<void> {
  const { catalog: file, eol, branch } = options;
  const today = new Date();
  const targets = selectTargets((await loadCatalog(file)).targets, patterns)
    .filter((target) => branch === undefined || target.branch === branch)
    .filter((target) => !eol || supportOf(target, today) !== "supported");
  printResult(
    options,
    "list",
    (width) => (targets.length > 0 ? targetsText(targets, today, width) : "No target matches."),
    () => ({
      targets: targets.map((target) => ({
        target: target.name,
        branch: target.branch,
        endOfLife: target.endOfLife ?? null,
        support: supportOf(target, today),
        tags: target.tags,
        world: target.world,
        platforms: target.platforms,
      })),
    }),
  );
}
