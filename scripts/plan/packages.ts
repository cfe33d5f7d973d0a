import { parseDependency } from "../formats/alpine/dependency.ts";
import { fixesBetween } from "../formats/alpine/secdb.ts";
import { compareVersions, satisfies } from "../formats/alpine/version.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageSizes } from "../model/published.ts";
import type { Fixes, PackagesByName } from "../upstream/upstream.ts";

/** An installed package that Alpine has a newer build of. */
export interface MovedPackage {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** What the newer build fixes, such as `CVE-2024-9143`. */
  readonly fixes: readonly string[];
  readonly platforms: readonly Platform[];
}

/** What Alpine offers to one platform. */
export type PlatformOffers = ReadonlyMap<Platform, PackagesByName>;

/**
 * The packages of an image that Alpine has newer builds of, by name. Pure. Only what is really installed counts, and
 * only what the target's world allows: where it says `nodejs~22`, a 24 is no newer build.
 *
 * @param published what the image holds on each platform
 * @param offers what the target's branch offers; a platform that is not in it is not compared
 */
export function movedPackages(
  published: ImageSizes,
  world: readonly string[],
  offers: PlatformOffers,
  fixes: Fixes,
): MovedPackage[] {
  const moved = new Map<string, MovedPackage>();
  for (const [platform, offer] of offers) {
    for (const [name, { version }] of published.get(platform)?.packages ?? []) {
      const offered = offer.get(name);
      // The usual case first: a thousand images are compared in this loop.
      if (!offered || (offered.length === 1 && offered[0]?.version === version)) continue;
      const newest = newestFitting(offered, name, world);
      if (!newest || compareVersions(newest.version, version) <= 0) continue;
      const key = `${name} ${version} ${newest.version}`;
      const known = moved.get(key);
      moved.set(key, {
        ...{ name, from: version, to: newest.version },
        fixes: fixesBetween(fixes, newest.origin, version, newest.version),
        platforms: [...(known?.platforms ?? []), platform],
      });
    }
  }
  return [...moved.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The newest build that the world allows. */
function newestFitting(offered: readonly Package[], name: string, world: readonly string[]) {
  const constraints = constraintsOn(name, world);
  const fitting = offered.filter((one) =>
    constraints.every(({ operator, version }) => satisfies(one.version, operator, version)),
  );
  return fitting.sort((a, b) => compareVersions(b.version, a.version))[0];
}

function constraintsOn(name: string, world: readonly string[]) {
  return world
    .filter((item) => item.startsWith(name))
    .map((one) => parseDependency(one))
    .flatMap((item) => (item.name === name && item.constraint && !item.conflict ? [item.constraint] : []));
}

/** A package that an image holds and that its branch no longer offers in that version or a newer one. */
export interface WithdrawnPackage {
  readonly name: string;
  /** What the image holds. */
  readonly version: string;
  /** What there is instead; undefined where the world allows nothing of this name. */
  readonly offered?: string;
  readonly platforms: readonly Platform[];
}

/**
 * The packages of an image that its branch no longer offers, by name. Pure. They are no reason to rebuild by
 * themselves: what a rebuild would hold instead may be older. But an image that holds one gets no more fixes for it.
 *
 * @param published what the image holds on each platform
 * @param offers what the branch offers, with all of its repositories; a platform that is not in it is not compared
 */
export function withdrawnPackages(
  published: ImageSizes,
  world: readonly string[],
  offers: PlatformOffers,
): WithdrawnPackage[] {
  const withdrawn = new Map<string, WithdrawnPackage>();
  for (const [platform, offer] of offers) {
    for (const [name, { version }] of published.get(platform)?.packages ?? []) {
      const versions = offer.get(name) ?? [];
      if (versions.some((one) => one.version === version)) continue;
      const newest = newestFitting(versions, name, world)?.version;
      if (newest !== undefined && compareVersions(newest, version) >= 0) continue;
      const key = `${name} ${version} ${newest}`;
      const platforms = [...(withdrawn.get(key)?.platforms ?? []), platform];
      withdrawn.set(key, { name, version, ...(newest !== undefined && { offered: newest }), platforms });
    }
  }
  return [...withdrawn.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `v3.22 no longer offers nodejs 22.16.0-r2, which is in the image: only 22.15.1-r0` */
export function describeWithdrawn({ name, version, offered }: WithdrawnPackage, branch: string): string {
  const instead = offered === undefined ? "" : `: only ${offered}, which is older`;
  return `v${branch} no longer offers ${name} ${version}, which is in the image${instead}`;
}
