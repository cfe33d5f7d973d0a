import { type Support, supportOf } from "../model/end-of-life.ts";
import type { Inputs } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import type { Waiting } from "../model/run.ts";
import { releaseOf, type Target } from "../model/target.ts";
import type { Obstacle } from "./availability.ts";
import { describeWithdrawn, withdrawnPackages } from "./packages.ts";
import type { SkippedPlatform } from "./platforms.ts";
import { type Comparison, type HeldReason, type Offered, ownReasons, type Reason } from "./reasons.ts";

/**
 * Why what should be built is not: it has ended, and nobody has named it; the run was to do only so much; or it failed
 * again and again, and waits.
 */
export type LeftOut = "archived" | "limit" | "waiting";

/**
 * A target, and why it must be rebuilt: no reasons, no rebuild. With an obstacle it cannot be, whatever the
 * reasons.
 */
export interface PlannedTarget {
  readonly target: Target;
  /** Those that it is built for: see `choosePlatforms`. */
  readonly platforms: readonly Platform[];
  /** Those that it is built without, though the catalog wants them. */
  readonly skipped?: readonly SkippedPlatform[];
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  readonly reasons: readonly Reason[];
  /** Reasons that the image's policy does not count. */
  readonly held: readonly HeldReason[];
  readonly offered?: Offered;
  readonly support: Support;
  readonly obstacle?: Obstacle;
  /** Why this run leaves it as it is, whatever the reasons. */
  readonly leftOut?: LeftOut;
  /** Until when it waits, where it is that one of its release that failed. */
  readonly waiting?: Waiting;
  /** What a maintainer should know, though it is no reason to rebuild; one sentence may be for many targets. */
  readonly notes?: readonly string[];
}

/**
 * Which targets must be rebuilt, and why. Pure. A target that is rebuilt takes its pair along.
 * @param today decides which versions have ended: those are built once, and then left alone
 */
export function plan(
  comparisons: readonly (Comparison & Pick<PlannedTarget, "platforms" | "skipped">)[],
  today: Date,
): PlannedTarget[] {
  const planned = comparisons.map((comparison) => {
    const support = supportOf(comparison.target, today);
    const notes = withdrawnNotes(comparison);
    const found = ownReasons(comparison, support, today);
    return { ...comparison, support, ...found, ...(notes.length > 0 && { notes }) };
  });
  const due = firstOfRelease(planned.filter((one) => isDue(one)));
  return planned.map(({ asked: _, refused: __, ...one }) => {
    const { target, reasons } = one;
    const pair = isDue(one) ? undefined : due.get(releaseOf(target))?.target.name;
    const along: Reason[] = pair === undefined ? [] : [{ kind: "pair", pair }];
    return { ...one, reasons: [...reasons, ...along] };
  });
}

/** The first of each release, by its name. */
function firstOfRelease<One extends Pick<PlannedTarget, "target">>(
  planned: readonly One[],
): Map<string, One> {
  return new Map(planned.toReversed().map((one) => [releaseOf(one.target), one]));
}

/** How many withdrawn packages of an image are named one by one: after a change of branch it may be all. */
const NAMED = 4;

/** What the branch no longer offers of what an image holds. */
function withdrawnNotes({ target, published, offered }: Comparison): string[] {
  if (!published?.sizes || !offered) return [];
  const whole = [...offered.packages].filter(([platform]) => !offered.partial?.includes(platform));
  const withdrawn = withdrawnPackages(published.sizes, target.world, new Map(whole));
  const named = withdrawn.slice(0, NAMED).map((one) => describeWithdrawn(one, target.branch));
  const more = withdrawn.length - named.length;
  return more === 0
    ? named
    : [...named, `v${target.branch} no longer offers ${more} more of the packages in the image`];
}

/** Whether a target will be rebuilt. */
export function isDue({
  reasons,
  obstacle,
  leftOut,
}: Pick<PlannedTarget, "reasons" | "obstacle" | "leftOut">): boolean {
  return reasons.length > 0 && obstacle === undefined && leftOut === undefined;
}

/** The same without an obstacle that only stops builds: to publish what is built needs no mirror. */
export function withoutAway(planned: PlannedTarget): PlannedTarget {
  const { obstacle, ...rest } = planned;
  return obstacle?.isUnknown ? rest : planned;
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
  const stopped = firstOfRelease(planned.filter(({ target }) => own.get(target.name) !== undefined));
  return planned.map((one) => {
    if (!own.has(one.target.name)) return one;
    const pair = stopped.get(releaseOf(one.target))?.target.name ?? "";
    const ofPair = own.get(pair);
    const obstacle =
      own.get(one.target.name) ??
      (ofPair && { ...ofPair, problem: ofPair.text, text: `its pair ${pair}: ${ofPair.text}` });
    return obstacle ? { ...one, obstacle } : one;
  });
}

/** Notes on packages of Alpine's indexes that were left out, each once. */
export function notesIn(planned: readonly PlannedTarget[]): string[] {
  return [...new Set(planned.flatMap(({ offered }) => offered?.notes ?? []))];
}

/** Whether something could not be asked, so that nobody knows whether it is due. */
export function isUncompared({ offered }: Pick<PlannedTarget, "offered">): boolean {
  return (offered?.unknown.length ?? 0) > 0;
}

/** What could not be asked, each once, with the number of targets that could not be compared for it. */
export function unknownIn(planned: readonly PlannedTarget[]): Map<string, number> {
  const unknown = new Map<string, number>();
  for (const { offered } of planned) {
    for (const problem of offered?.unknown ?? []) unknown.set(problem, (unknown.get(problem) ?? 0) + 1);
  }
  return unknown;
}

/**
 * Takes out of a plan what is held: even what was asked for waits until the hold ends.
 * All variants of a version are published together, so what holds one holds the others. Pure.
 * @param holds what keeps tags where they are, in words, by the target's name
 */
export function withHolds(
  planned: readonly PlannedTarget[],
  holds: ReadonlyMap<string, string>,
): PlannedTarget[] {
  const held = firstOfRelease(planned.filter(({ target }) => holds.has(target.name)));
  return planned.map((one) => {
    const holder = held.get(releaseOf(one.target))?.target.name ?? "";
    const because = holds.get(one.target.name) ?? holds.get(holder);
    if (because === undefined || one.reasons.length === 0) return one;
    const waiting = one.reasons.map((reason) => ({ reason, because }));
    return { ...one, reasons: [], held: [...one.held, ...waiting] };
  });
}
