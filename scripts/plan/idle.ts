import type { Support } from "../model/end-of-life.ts";
import { pairOf } from "../model/release.ts";
import type { Target } from "../model/target.ts";
import type { PlannedTarget } from "./plan.ts";

/**
 * What an earlier plan found with nothing to do: the digest that the target's tag pointed at, and all the rest
 * that was compared, as one fingerprint. Where both are as they were, so is the finding.
 */
export interface IdleTarget {
  readonly digest: string;
  readonly world: string;
}

/** By the target's name. */
export type IdleTargets = ReadonlyMap<string, IdleTarget>;

/** Gives the fingerprint of all that a target is compared with; undefined where that is not all known. */
export type WorldOf = (target: Target) => string | undefined;

/**
 * Of some targets those that need not be looked at again if their tags point where they did. Pure. Both variants
 * of a version or none: what makes one due takes its pair along.
 */
export function maybeIdle(targets: readonly Target[], idle: IdleTargets, worldOf: WorldOf): Target[] {
  const names = new Set(
    targets
      .filter((target) => {
        const world = worldOf(target);
        return world !== undefined && idle.get(target.name)?.world === world;
      })
      .map(({ name }) => name),
  );
  return targets.filter((target) => names.has(target.name) && names.has(pairOf(target)));
}

/** A target that was not looked at again. What it was made from has not been read. */
export function plannedIdle(target: Target, digest: string, support: Support): PlannedTarget {
  return { target, inputs: {}, published: { digest, inputs: undefined }, reasons: [], held: [], support };
}

/** What is to be remembered after a plan: what was known, without what it found otherwise. Pure. */
export function rememberIdle(
  idle: IdleTargets,
  planned: readonly PlannedTarget[],
  worldOf: WorldOf,
): IdleTargets {
  const kept = new Map(idle);
  for (const one of planned) {
    const world = worldOf(one.target);
    if (world !== undefined && one.published && isIdle(one)) {
      kept.set(one.target.name, { digest: one.published.digest, world });
    } else {
      kept.delete(one.target.name);
    }
  }
  return kept;
}

function isIdle({ reasons, held, notes = [], offered, unavailable = [] }: PlannedTarget): boolean {
  const isAllKnown = (offered?.unknown ?? []).length === 0 && !unavailable.some(({ isUnknown }) => isUnknown);
  return reasons.length === 0 && held.length === 0 && notes.length === 0 && isAllKnown;
}
