import type { ImageSizes } from "../build/sizes.ts";
import { type Support, supportOf } from "../catalog/end-of-life.ts";
import { pairOf } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import type { Obstacle } from "./availability.ts";
import { changedInputs, type InputChange, type Inputs } from "./inputs.ts";

/** What the registry holds under a target's tag. */
export interface Published {
  readonly digest: string;
  /** Undefined when there is an image, but not one that tells what it was made from. */
  readonly inputs: Inputs | undefined;
  /** Undefined when it does not tell what it weighs. */
  readonly sizes?: ImageSizes | undefined;
}

/** Why a target must be rebuilt. */
export type Reason =
  | { readonly kind: "missing" }
  | { readonly kind: "unknown-origin" }
  | { readonly kind: "inputs"; readonly changes: readonly InputChange[] }
  | { readonly kind: "asked" }
  | { readonly kind: "pair"; readonly pair: string };

/**
 * A target, and why it must be rebuilt: no reasons, no rebuild. With an obstacle it cannot be, whatever the
 * reasons.
 */
export interface PlannedTarget {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  readonly reasons: readonly Reason[];
  readonly support: Support;
  readonly obstacle?: Obstacle;
}

/** What a plan compares for one target. */
export interface Comparison {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  /** The user wants it rebuilt whatever the comparison says. */
  readonly asked: boolean;
}

/**
 * Which targets must be rebuilt, and why. Pure. A target that is rebuilt takes its pair along.
 * @param today decides which versions have ended: those are built once, and then left alone
 */
export function plan(comparisons: readonly Comparison[], today: Date): PlannedTarget[] {
  const planned = comparisons.map((comparison) => {
    const support = supportOf(comparison.target, today);
    return { ...comparison, support, reasons: ownReasons(comparison, support) };
  });
  const due = new Set(planned.filter(isDue).map(({ target }) => target.name));
  return planned.map(({ target, inputs, published, reasons, support }) => {
    const pair = pairOf(target);
    const along: Reason[] = due.has(pair) && !due.has(target.name) ? [{ kind: "pair", pair }] : [];
    return { target, inputs, published, reasons: [...reasons, ...along], support };
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
  const own = new Map(planned.filter(isDue).map(({ target }) => [target.name, obstacleTo(target)] as const));
  return planned.map((one) => {
    if (!own.has(one.target.name)) return one;
    const pair = pairOf(one.target);
    const ofPair = own.get(pair);
    const obstacle =
      own.get(one.target.name) ?? (ofPair && { ...ofPair, text: `its pair ${pair}: ${ofPair.text}` });
    return obstacle ? { ...one, obstacle } : one;
  });
}

function ownReasons({ inputs, published, asked }: Comparison, support: Support): Reason[] {
  const reasons: Reason[] = asked ? [{ kind: "asked" }] : [];
  if (!published) return [...reasons, { kind: "missing" }];
  if (!published.inputs) return [...reasons, { kind: "unknown-origin" }];
  if (support === "archived") return reasons;
  const changes = changedInputs(published.inputs, inputs);
  return changes.length > 0 ? [...reasons, { kind: "inputs", changes }] : reasons;
}

/** A reason as a person reads it: `inputs: packages +make -patch`. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case "missing":
      return "missing in the registry";
    case "unknown-origin":
      return "published, but not by Birdhouse: what it was made from is unknown";
    case "asked":
      return "asked for";
    case "pair":
      return `its pair ${reason.pair} is being rebuilt`;
    case "inputs":
      return `inputs: ${reason.changes.map(describeChange).join("; ")}`;
  }
}

function describeChange({ input, removed, added }: InputChange): string {
  if (input === "dockerfile") return "the Dockerfile's template changed";
  return [input, ...removed.map((item) => `-${item}`), ...added.map((item) => `+${item}`)].join(" ");
}
