import { compareVersions } from "../formats/alpine/version.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageSizes } from "../model/sizes.ts";
import { newestOf, type PlatformOffers } from "./packages.ts";

/** A package that an image holds and that its branch no longer offers in that version or a newer one. */
export interface WithdrawnPackage {
  readonly name: string;
  /** What the image holds. */
  readonly version: string;
  /** What there is instead; undefined where there is nothing of this name that the world lets in. */
  readonly offered?: string;
  readonly platforms: readonly Platform[];
}

/**
 * The packages of an image that its branch has taken back, by name. Pure. They are no reason to rebuild by
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
      const newest = newestOf(versions, name, world)?.version;
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
