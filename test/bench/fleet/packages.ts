import type { Package } from "../../../scripts/model/package.ts";
import type { ImageSizes, PackageSize } from "../../../scripts/model/published.ts";
import type { Target } from "../../../scripts/model/target.ts";

/** How many packages an image of the fleet says it holds. */
const PACKAGES = 30;
const COMPRESSED = 0.4;

/** The packages that a branch has in one version only, and so in the newest: an image of them is not outdated. */
export function currentPackages(packages: readonly Package[]): Package[] {
  const counts = new Map<string, number>();
  for (const { name } of packages) counts.set(name, (counts.get(name) ?? 0) + 1);
  return packages.filter(({ name }) => counts.get(name) === 1);
}

/**
 * What an image of the fleet says it weighs: packages of its branch, other ones for each target.
 * @param number the target's place among all
 * @param packages of its branch
 */
export function sampleSizes(target: Target, number: number, packages: readonly Package[]): ImageSizes {
  const stride = Math.floor(packages.length / PACKAGES);
  const chosen = new Map<string, PackageSize>();
  for (let index = 0; index < PACKAGES; index++) {
    const found = packages[(number * 7 + index * stride) % packages.length];
    if (found) chosen.set(found.name, { version: found.version, unpacked: found.installedSize });
  }
  const unpacked = [...chosen.values()].reduce((sum, size) => sum + size.unpacked, 0);
  const sizes = { compressed: Math.round(unpacked * COMPRESSED), unpacked, packages: chosen };
  return new Map(target.platforms.map((platform) => [platform, sizes]));
}
