import type { CleanRule } from "../../model/clean-rule.ts";

/** Something in the state directory that can be made again, or is no longer needed. */
export interface Item {
  /** `leftover`: of a process that has ended without tidying up. */
  readonly kind: "layout" | "run" | "leftover";
  /** As people are shown it: its path in the state directory. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly bytes: number;
  /** When it was last made, in milliseconds since 1970. */
  readonly used: number;
}

/** What goes, and which part of the rule it goes by. */
export type Removal = Item & { readonly why: "age" | "disk" | "number" | "leftover" };

const DAY = 24 * 60 * 60 * 1000;

/**
 * Chooses what goes, the oldest first. Pure.
 *
 * @param isRunning another run is in progress. Which layouts it reads cannot be known, so none goes then.
 */
export function chooseRemovals(
  items: readonly Item[],
  rule: CleanRule,
  now: number,
  isRunning: boolean,
): Removal[] {
  const oldest = [...items].sort((a, b) => a.used - b.used || (a.name < b.name ? -1 : 1));
  const of = (kind: Item["kind"]) => oldest.filter((item) => item.kind === kind);
  const runs = of("run");
  const removals: Removal[] = [
    ...of("leftover").map((item) => ({ ...item, why: "leftover" as const })),
    ...runs
      .slice(0, Math.max(0, runs.length - rule.runs))
      .map((item) => ({ ...item, why: "number" as const })),
  ];
  return isRunning ? removals : [...removals, ...chooseLayouts(of("layout"), rule, now)];
}

/** @param layouts the oldest first */
function chooseLayouts(layouts: readonly Item[], rule: CleanRule, now: number): Removal[] {
  let left = layouts.reduce((sum, { bytes }) => sum + bytes, 0);
  const removals: Removal[] = [];
  for (const layout of layouts) {
    const isOld = now - layout.used > rule.layouts * DAY;
    // The rest is younger: where this one may stay, so may they.
    if (!isOld && left <= rule.disk) break;
    removals.push({ ...layout, why: isOld ? "age" : "disk" });
    left -= layout.bytes;
  }
  return removals;
}
