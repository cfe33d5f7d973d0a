import { parseDependency } from "../alpine/dependency.ts";
import { apkArchitecture, type Platform } from "../alpine/platform.ts";
import { satisfies } from "../alpine/version.ts";
import type { Sources, Target } from "../catalog/target.ts";
import type { Offer } from "./offer.ts";

/** Why a target cannot be built of what a mirror offers. */
export interface Obstacle {
  /** `v3.22 has nodejs 22.16.0-r2, no 23`. */
  readonly text: string;
  /** The mirror holds only a part of Alpine, so that this is nobody's mistake. */
  readonly excused: boolean;
}

/** A platform that the catalog wants and an image is made without. */
export interface UnavailablePlatform {
  readonly platform: Platform;
  readonly because: string;
  /** What to do about it, where something can be done here. */
  readonly advice?: string;
  /** It could not be found out; another time it may be. */
  readonly isUnknown: boolean;
}

/**
 * What keeps a target from being built, or nothing. Pure. On a mirror that holds all of Alpine every item of
 * the world must be there. On one that holds a part (`sources.mayLack`) a missing package excuses the target
 * where Alpine has it; a package that nobody knows is left for apk to complain of.
 *
 * @param offer what the target's branch offers; undefined where the mirror has no such branch
 */
export function obstacleOf(target: Target, offer: Offer | undefined, sources: Sources): Obstacle | undefined {
  const { mayLack } = sources;
  const excused = mayLack !== undefined;
  if (!offer) return { text: `the mirror has no v${target.branch}`, excused };
  const lacking = lacksOf(target, offer).filter(
    ({ name }) => !mayLack || name === target.package || mayLack.has(name),
  );
  if (lacking.length === 0) return undefined;
  return { text: lacking.map(({ text }) => text).join("; "), excused };
}

/** How many lacking packages a foreign platform is left out with: for a dev image it may be all. */
const NAMED = 3;

/**
 * What a foreign platform lacks for a target, in words; undefined where it has all. Pure. It is not asked whether
 * that is excused: the platform is left out then, and the target is built for the others.
 * @param offer what the target's branch offers to that platform; undefined where the mirror has no such branch
 */
export function platformLack(
  target: Target,
  offer: Offer | undefined,
  platform: Platform,
): string | undefined {
  if (!offer) return `the mirror has no v${target.branch} for it`;
  const lacking = lacksOf(target, offer);
  if (lacking.length === 0) return undefined;
  const named = lacking.slice(0, NAMED);
  const absent = named.filter(({ isAbsent }) => isAbsent).map(({ name }) => name);
  const more = lacking.length - named.length;
  const texts = [
    ...(absent.length > 0 ? [`lacks ${absent.join(", ")}`] : []),
    ...named.filter(({ isAbsent }) => !isAbsent).map(({ has }) => `has ${has}`),
    ...(more > 0 ? [`${more} more`] : []),
  ];
  return `v${target.branch}/${apkArchitecture(platform)} ${texts.join("; ")}`;
}

function lacksOf(target: Target, offer: Offer): Lack[] {
  return target.world.map((item) => lackOf(item, target.branch, offer)).filter((lack) => lack !== undefined);
}

interface Lack {
  readonly name: string;
  readonly text: string;
  /** The branch has no version of it at all. */
  readonly isAbsent: boolean;
  /** What it has instead: `nodejs 22.16.0-r2, no 23`. */
  readonly has: string;
}

function lackOf(item: string, branch: string, offer: Offer): Lack | undefined {
  const { name, conflict, constraint } = parseDependency(item);
  if (conflict) return undefined;
  const versions = offer.get(name);
  if (!versions) return { name, text: `v${branch} has no ${name}`, isAbsent: true, has: `no ${name}` };
  if (
    !constraint ||
    versions.some((version) => satisfies(version, constraint.operator, constraint.version))
  ) {
    return undefined;
  }
  const has = `${name} ${versions.join(", ")}, no ${constraint.version}`;
  return { name, text: `v${branch} has ${has}`, isAbsent: false, has };
}
