import { daysUntil, supportOf } from "../catalog/end-of-life.ts";
import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { count, formatTable } from "../report/format.ts";
import type { CommonOptions } from "./options.ts";
import { printResult } from "./output.ts";

/** Shows the targets of the catalog. */
export async function list(patterns: string[], options: CommonOptions): Promise<void> {
  const catalog = await loadCatalog(options.catalog);
  const targets = selectTargets(catalog.targets, patterns);
  const today = new Date();
  const rows = targets.map((target) => [
    target.name,
    target.branch,
    endText(target, today),
    target.tags.join(" "),
    target.world.join(" "),
  ]);
  printResult(
    options,
    () => formatTable([["TARGET", "ALPINE", "END OF LIFE", "TAGS", "PACKAGES"], ...rows]),
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

/** `2027-04-30`; with what it means where that is near or past. */
function endText(target: Target, today: Date): string {
  if (target.endOfLife === undefined) return "-";
  const support = supportOf(target, today);
  if (support === "supported") return target.endOfLife;
  const days = daysUntil(target.endOfLife, today);
  return `${target.endOfLife} ${support === "ending" ? `(in ${count(days, "day")})` : "(archived)"}`;
}
