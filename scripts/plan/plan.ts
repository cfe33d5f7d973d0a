import { type Support, supportOf } from "../catalog/end-of-life.ts";
import { pairOf } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import type { Obstacle, UnavailablePlatform } from "./availability.ts";
import type { Inputs } from "./inputs.ts";
import type { Published } from "./published.ts";
import type { HeldReason, Reason } from "./reason.ts";
import { type Comparison, type Offered, ownReasons } from "./reasons.ts";

/**
 * A target, and why it must be rebuilt: no reasons, no rebuild. With an obstacle it cannot be, whatever the
 * reasons.
 */
export interface PlannedTarget {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  readonly reasons: readonly Reason[];
  /** What the image's policy does not let count. */
  readonly held: readonly HeldReason[];
  readonly offered?: Offered;
  readonly support: Support;
  readonly obstacle?: Obstacle;
  /** The platforms that the catalog wants beyond those of `target`, and why it does without. */
  readonly unavailable?: readonly UnavailablePlatform[];
}

/**
 * Which targets must be rebuilt, and why. Pure. A target that is rebuilt takes its pair along.
 * @param today decides which versions have ended: those are built once, and then left alone
 */
export function plan(comparisons: readonly Comparison[], today: Date): PlannedTarget[] {
  const planned = comparisons.map((comparison) => {
    const support = supportOf(comparison.target, today);
    return { ...comparison, support, ...ownReasons(comparison, support, today) };
  });
  const due = new Set(planned.filter((one) => isDue(one)).map(({ target }) => target.name));
  return planned.map(({ asked: _, refused: __, ...one }) => {
    const { target, reasons } = one;
    const pair = pairOf(target);
    const along: Reason[] = due.has(pair) && !due.has(target.name) ? [{ kind: "pair", pair }] : [];
    return { ...one, reasons: [...reasons, ...along] };
  });
}

/** Whether a target will be rebuilt. */
export function isDue({ reasons, obstacle }: Pick<PlannedTarget, "reasons" | "obstacle">): boolean {
  return reasons.length > 0 && obstacle === undefined;
}

/**
 * Puts the obstacles in that were found to targets which are due. What keeps one variant from being built
 * keeps its pair from being published.
 * @param obstacleTo what is in the way of a target's build
 */
export function withObstacles(
  planned: readonly PlannedTarget[],
  obstacleTo: (target: Target) => Obstacle | undefined,
): PlannedTarget[] {
  const own = new Map(
    planned.filter((one) => isDue(one)).map(({ target }) => [target.name, obstacleTo(target)] as const),
  );
  return planned.map((one) => {
    if (!own.has(one.target.name)) return one;
    const pair = pairOf(one.target);
    const ofPair = own.get(pair);
    const obstacle =
      own.get(one.target.name) ?? (ofPair && { ...ofPair, text: `its pair ${pair}: ${ofPair.text}` });
    return obstacle ? { ...one, obstacle } : one;
  });
}

/** What could not be found out: each once, with how many targets that leaves unjudged. */
export function unknownIn(planned: readonly PlannedTarget[]): Map<string, number> {
  const unknown = new Map<string, number>();
  for (const { offered } of planned) {
    for (const problem of offered?.unknown ?? []) unknown.set(problem, (unknown.get(problem) ?? 0) + 1);
  }
  return unknown;
}
