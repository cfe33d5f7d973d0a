import { parseDependency } from "../formats/alpine/dependency.ts";
import { satisfies } from "../formats/alpine/version.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import { ownRepositoriesOf, type Repository } from "../model/repositories.ts";
import type { Sources } from "../model/sources.ts";
import type { Catalog, Target } from "../model/target.ts";
import { nearestPackages, type Offer } from "./offer.ts";

/** Why a target cannot be built of what a mirror offers. */
export interface Obstacle {
  /** `v3.22 has nodejs 22.16.0-r2, no 23`. */
  readonly text: string;
  /** The mirror holds only a part of Alpine, so the catalog is not wrong. */
  readonly excused: boolean;
  /** Alpine could not be asked, such as where the mirror is down; a later run may succeed. */
  readonly isUnknown?: true;
  /** The cause alone, where the pair has it and `text` begins with the pair's name. */
  readonly problem?: string;
}

/**
 * What keeps a target from being built, or nothing. Pure. On a mirror that holds all of Alpine every item of
 * the world must be there. On one that holds a part (`sources.mayLack`) a missing package excuses the target
 * where Alpine has it. An unknown name is a mistake there too where another name is near; else Alpine may have it,
 * so it is only noted: see `doubtsAbout`.
 *
 * @param offer what the target's branch offers; undefined where the mirror has no such branch
 * @param nearest finds what a name that is not there may have been meant to be
 */
export function obstacleOf(
  target: Target,
  offer: Offer | undefined,
  sources: Sources,
  nearest = nearestPackages,
): Obstacle | undefined {
  const { mayLack } = sources;
  const excused = mayLack !== undefined;
  if (!offer) return { text: `the mirror has no v${target.branch}`, excused };
  // Looking for near names is slow: not for a package that Alpine is known to have.
  const lacking = lacksOf(neededFor(target), offer, (name) =>
    mayLack?.has(name) ? [] : nearest(name, offer),
  );
  const known = mayLack
    ? lacking.filter(({ name }) => name === target.package || mayLack.has(name))
    : lacking;
  if (known.length > 0) return { text: textOf(known, target), excused };
  const misspelt = lacking.filter(({ near }) => near.length > 0);
  return misspelt.length > 0 ? { text: textOf(misspelt, target), excused: false } : undefined;
}

/** What a mirror of a part of Alpine lacks for a target though nobody knows whether Alpine has it. Pure. */
export function doubtsAbout(target: Target, offer: Offer | undefined, sources: Sources): string[] {
  if (!offer || obstacleOf(target, offer, sources)) return [];
  return lacksOf(neededFor(target), offer, () => []).map(
    (lack) => `${textOf([lack], target)}; if Alpine has it, this mirror does not`,
  );
}

/**
 * That a mirror lacks a repository which the catalog takes packages from, and what to do about it; undefined where none
 * is missing. Pure. apk installs without it all the same, but `apk upgrade`, the first step of dev images, refuses to
 * go on: "Not continuing due to stale/unavailable repositories". Source: apk-tools 2.12, src/app_upgrade.c.
 */
export function repositoryObstacle(
  { branch }: Pick<Target, "branch">,
  missing: readonly string[],
  repositories: readonly Repository[],
  catalog: Pick<Catalog, "branches" | "repositories">,
): Obstacle | undefined {
  if (missing.length === 0) return undefined;
  const [own] = ownRepositoriesOf(catalog, branch).filter(({ name }) => missing.includes(name));
  if (own) {
    return {
      text:
        `${own.url}, the repository ${own.name}, has no index: apk would not upgrade; where it has nothing for ` +
        `v${branch}, say so under repositories of the catalog: ${own.name}: { branches: […] }`,
      excused: false,
    };
  }
  const there = repositories.filter((one) => !missing.includes(one));
  const eol = catalog.branches[branch]?.eol;
  const block = `{ ${eol === undefined ? "" : `eol: ${eol}, `}repositories: [${there.join(", ")}] }`;
  return {
    text:
      `the mirror has ${there.join(" and ")} of v${branch} and no ${missing.join(" and ")}: apk would not upgrade; ` +
      `where that is on purpose, say so under branches of the catalog: "${branch}": ${block}`,
    excused: false,
  };
}

function textOf(lacking: readonly Lack[], { branch }: Target): string {
  const texts = lacking.map(({ has, near }) => {
    const meant = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
    return `v${branch} has ${has}${meant}`;
  });
  return texts.join("; ");
}

/** How many lacking packages are named: a dev image may lack all. */
const NAMED = 3;

/** What Alpine offers to one platform of a target. */
export interface PlatformOffer {
  /** What the target's branch offers to it; undefined where the mirror has no such branch. */
  readonly offer: Offer | undefined;
  /** The repositories that are not there for it. */
  readonly missing: readonly string[];
}

/**
 * What a foreign platform lacks for a target, in words; undefined where it has all. Pure. The platform is
 * skipped then, excused or not, and the target is built for the others.
 */
export function platformLack(
  target: Target,
  platform: Platform,
  { offer, missing }: PlatformOffer,
): string | undefined {
  if (!offer) return `the mirror has no v${target.branch} for it`;
  // jlink runs on this machine: only the modules that it links are of the other platform.
  const { jlink, version } = target;
  const wanted = jlink ? [...target.world, `openjdk${version}-jmods~${version}`] : target.world;
  const lacking = lacksOf(wanted, offer, () => []);
  if (lacking.length === 0) {
    if (missing.length === 0) return undefined;
    return `the mirror has no ${missing.join(" and ")} of v${target.branch} for it`;
  }
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

function lacksOf(
  wanted: readonly string[],
  offer: Offer,
  nearest: (name: string) => readonly string[],
): Lack[] {
  return wanted.map((item) => lackOf(item, offer, nearest)).filter((lack) => lack !== undefined);
}

/** All that a target's build asks apk for: its world, and what its Dockerfile fetches to make a Java runtime of. */
function neededFor({ world, jlink, truststore, version }: Target): string[] {
  return [
    ...world,
    ...(jlink ? ["jdk", "jmods"].map((part) => `openjdk${version}-${part}~${version}`) : []),
    ...(truststore ? ["ca-certificates", "p11-kit-trust"] : []),
  ];
}

interface Lack {
  readonly name: string;
  /** What there is instead: `nodejs 22.16.0-r2, no 23`. */
  readonly has: string;
  /** Names that it may have been meant to be. */
  readonly near: readonly string[];
  /** The branch has no version of it at all. */
  readonly isAbsent: boolean;
}

function lackOf(item: string, offer: Offer, nearest: (name: string) => readonly string[]): Lack | undefined {
  const { name, conflict, constraint } = parseDependency(item);
  if (conflict) return undefined;
  const versions = offer.get(name);
  if (!versions) return { name, has: `no ${name}`, near: nearest(name), isAbsent: true };
  if (!constraint) return undefined;
  const { operator, version: wanted } = constraint;
  if (versions.some((version) => satisfies(version, operator, wanted))) return undefined;
  return { name, has: `${name} ${versions.join(", ")}, no ${wanted}`, near: [], isAbsent: false };
}
