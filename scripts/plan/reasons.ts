import type { Support } from "../model/end-of-life.ts";
import { changedInputs, type Inputs } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Policy } from "../model/policy.ts";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import type { Fixes } from "../upstream/upstream.ts";
import { movedPackages, type PlatformOffers } from "./packages.ts";
import type { HeldReason, Reason } from "./reason.ts";

/** What Alpine offers to a target now, as far as it could be found out. */
export interface Offered {
  readonly packages: PlatformOffers;
  readonly fixes: Fixes;
  /** Digest of the branch's base image. */
  readonly base?: string;
  /** The platforms for which the mirror lacks a repository, so that not all of what there is is known. */
  readonly partial?: readonly Platform[];
  /** What could not be found out, and why: that is not compared. */
  readonly unknown: readonly string[];
  /** What of the indexes had to be left out: a line for each. */
  readonly notes?: readonly string[];
}

/** What a plan compares for one target. */
export interface Comparison {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  /** Why the registry would not show what is published; absent where it did. */
  readonly refused?: string | undefined;
  /** The user wants it rebuilt whatever the comparison says. */
  readonly asked: boolean;
  /** Undefined where nobody asked Alpine. */
  readonly offered?: Offered;
}

/** The reasons that count, and those that the policy holds back. */
export interface Reasons {
  readonly reasons: readonly Reason[];
  readonly held: readonly HeldReason[];
}

/**
 * A target's own reasons, without what its pair brings. Pure. A policy never holds back what is missing,
 * changed by its maintainer or asked for: only what the world moved.
 */
export function ownReasons(comparison: Comparison, support: Support, today: Date): Reasons {
  const { inputs, published, refused, asked, target } = comparison;
  const always: Reason[] = asked ? [{ kind: "asked" }] : [];
  if (!published) return { reasons: [...always, absence(refused)], held: [] };
  if (!published.inputs || !published.sizes)
    return { reasons: [...always, { kind: "unknown-origin" }], held: [] };
  if (support === "archived") return { reasons: always, held: [] };
  const changes = changedInputs(published.inputs, inputs);
  if (changes.length > 0) always.push({ kind: "inputs", changes });
  const age = daysSince(published.at, today);
  const { maxAge } = target.policy;
  if (maxAge !== undefined && age !== undefined && age > maxAge) {
    always.push({ kind: "age", days: age, limit: maxAge });
  }
  return judge(always, worldReasons(comparison, published), target.policy, age);
}

function absence(refused: string | undefined): Reason {
  return refused === undefined ? { kind: "missing" } : { kind: "unreadable", because: refused };
}

/** What moved in the world since the image was made. */
function worldReasons({ target, offered }: Comparison, { sizes, base }: Published): Reason[] {
  if (!offered || !sizes) return [];
  const moved = movedPackages(sizes, target.world, offered.packages, offered.fixes);
  return [
    ...(base !== undefined && offered.base !== undefined && base !== offered.base
      ? [{ kind: "base", from: base, to: offered.base } as const]
      : []),
    ...(moved.length > 0 ? [{ kind: "packages", moved } as const] : []),
  ];
}

function judge(
  always: readonly Reason[],
  world: readonly Reason[],
  policy: Policy,
  age: number | undefined,
): Reasons {
  const because = whyNot(world, policy, age);
  if (because === undefined) return { reasons: [...always, ...world], held: [] };
  return { reasons: always, held: world.map((reason) => ({ reason, because })) };
}

/** Why a policy does not let these reasons count; undefined where it does. */
function whyNot(world: readonly Reason[], policy: Policy, age: number | undefined): string | undefined {
  const { notWithin } = policy;
  if (notWithin !== undefined && age !== undefined && age < notWithin) {
    return `published ${age} days ago, at most every ${notWithin}`;
  }
  return policy.for === "security" && !world.some((one) => fixesSomething(one))
    ? "no security fix"
    : undefined;
}

function fixesSomething(reason: Reason): boolean {
  return reason.kind === "packages" && reason.moved.some(({ fixes }) => fixes.length > 0);
}

const DAY_MS = 86_400_000;

/** Whole days. */
function daysSince(time: Date | undefined, today: Date): number | undefined {
  return time && Math.floor((today.getTime() - time.getTime()) / DAY_MS);
}
