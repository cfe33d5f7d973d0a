import { daysUntil, supportOf } from "../model/end-of-life.ts";
import type { Target } from "../model/target.ts";
import { count, formatTable } from "../system/shown/format.ts";

/** Targets as the catalog has them, one line for each. @param width of a line, in characters */
export function targetsText(targets: readonly Target[], today: Date, width?: number): string {
  const rows = targets.map((target) => [
    target.name,
    target.branch,
    endText(target, today),
    target.tags.join(" "),
    target.world.join(" "),
  ]);
  return formatTable([["TARGET", "ALPINE", "END OF LIFE", "TAGS", "PACKAGES"], ...rows], width);
}

/** `2027-04-30`; with what it means where that is near or past. */
function endText(target: Target, today: Date): string {
  if (target.endOfLife === undefined) return "-";
  const support = supportOf(target, today);
  if (support === "supported") return target.endOfLife;
  const days = daysUntil(target.endOfLife, today);
  return `${target.endOfLife} ${support === "ending" ? `(in ${count(days, "day")})` : "(archived)"}`;
}
