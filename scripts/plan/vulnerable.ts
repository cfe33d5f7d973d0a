import { fixesAfter } from "../formats/alpine/secdb.ts";
import type { ImageSizes } from "../model/published.ts";
import type { Fixes, PackagesByName } from "../upstream/upstream.ts";
import type { PlatformOffers } from "./packages.ts";

/** A vulnerability of an installed package that Alpine has fixed in a later build of it. */
export interface Vulnerability {
  /** `CVE-2024-9143` */
  readonly name: string;
  readonly package: string;
  readonly installed: string;
  /** The first build without it. */
  readonly fixed: string;
  readonly platforms: readonly string[];
}

/**
 * What an image holds that Alpine has fixed since, by Alpine's own list of fixes. Pure. That a fix is on the list does
 * not mean that the image's world allows it, or that the mirror has it already.
 * @param published what is installed, on each platform
 * @param offers tells of which source package an installed one is; one that is no longer offered counts as its own
 * @returns by name, each once for a package and its build
 */
export function vulnerabilitiesIn(
  published: ImageSizes,
  offers: PlatformOffers,
  fixes: Fixes,
): Vulnerability[] {
  const offered: ReadonlyMap<string, PackagesByName> = offers;
  const found = new Map<string, Vulnerability>();
  for (const [platform, { packages }] of published) {
    for (const [name, { version }] of packages) {
      const origin = offered.get(platform)?.get(name)?.[0]?.origin || name;
      for (const { name: cve, fixed } of fixesAfter(fixes, origin, version)) {
        const key = `${cve} ${name} ${version}`;
        const platforms = [...(found.get(key)?.platforms ?? []), platform];
        found.set(key, { name: cve, package: name, installed: version, fixed, platforms });
      }
    }
  }
  return [...found.values()].sort(
    (a, b) => compareTexts(a.name, b.name) || compareTexts(a.package, b.package),
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
