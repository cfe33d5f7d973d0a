import { pairOf } from "../model/release.ts";
import type { PlannedTarget } from "./plan.ts";

/**
 * Takes out of a plan what is held: whatever there is reason to do, even what was asked for, waits until the hold ends.
 * Both variants of a version are published together, so what holds one holds the other. Pure.
 * @param holds what keeps tags where they are, in words, by the target's name
 */
export function withHolds(
  planned: readonly PlannedTarget[],
  holds: ReadonlyMap<string, string>,
): PlannedTarget[] {
  return planned.map((one) => {
    const because = holds.get(one.target.name) ?? holds.get(pairOf(one.target));
    if (because === undefined || one.reasons.length === 0) return one;
    const held = one.reasons.map((reason) => ({ reason, because }));
    return { ...one, reasons: [], held: [...one.held, ...held] };
  });
}
