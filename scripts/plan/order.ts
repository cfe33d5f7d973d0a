import { releaseOf, type Target } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { isDue, type PlannedTarget } from "./plan.ts";

/** In which order a plan is worked through, and what of it a run leaves out. All functions here are pure. */

/**
 * The targets in the order of work: of each image the newest supported version, then its other supported ones, then
 * those that have ended. So that whoever stops early has what most people want of every image. Of these three, each is in
 * the order of how long it takes, the longest first: begun last, it would be worked on alone when all else has ended.
 * @param planned of each image the newest version first, as a catalog has them
 * @param seconds release → how long it takes, as far as that is known
 */
export function inOrderOfWork(
  planned: readonly PlannedTarget[],
  seconds: ReadonlyMap<string, number> = new Map(),
): PlannedTarget[] {
  const buildable = planned.filter(({ support, obstacle }) => support !== "archived" && !obstacle);
  // Of an image the last that is put in wins: the newest.
  const newest = new Map(buildable.toReversed().map(({ target }) => [target.image, releaseOf(target)]));
  const rankOf = ({ target, support }: PlannedTarget) => {
    if (support === "archived") return 2;
    return newest.get(target.image) === releaseOf(target) ? 0 : 1;
  };
  const secondsOf = ({ target }: PlannedTarget) => seconds.get(releaseOf(target)) ?? 0;
  return planned.toSorted((one, other) => rankOf(one) - rankOf(other) || secondsOf(other) - secondsOf(one));
}

/**
 * Leaves out what has ended and was never published, unless the catalog wants it or it was named: a newcomer should not
 * wait hours for what nobody mends any more. What is published of a version stays as complete as it was meant to be.
 * @param isNamed whether the user named this very version
 */
export function withoutArchived(
  planned: readonly PlannedTarget[],
  isNamed: (target: Target) => boolean,
): PlannedTarget[] {
  const releases = groupBy(planned, ({ target }) => releaseOf(target));
  const isLeftOut = ({ target, support }: PlannedTarget) => {
    if (support !== "archived" || target.evenArchived || isNamed(target)) return false;
    return (releases.get(releaseOf(target)) ?? []).every((one) => !one.published);
  };
  return planned.map((one) => (isLeftOut(one) ? { ...one, leftOut: "archived" } : one));
}

/** Leaves out what is due beyond so many releases, in the order of work. */
export function withinLimit(planned: readonly PlannedTarget[], limit: number): PlannedTarget[] {
  const due = inOrderOfWork(planned).filter((one) => isDue(one));
  const first = new Set([...new Set(due.map(({ target }) => releaseOf(target)))].slice(0, limit));
  return planned.map((one) =>
    isDue(one) && !first.has(releaseOf(one.target)) ? { ...one, leftOut: "limit" } : one,
  );
}
