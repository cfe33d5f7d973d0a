import { parseDependency } from "../formats/alpine/dependency.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { newestBuild } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import type { PackagesByName } from "../upstream/upstream.ts";
import { closureOf, providersIn } from "./closure.ts";

/**
 * When an image will have been made, in seconds since 1970: when the newest package in it was built. So it is true, and
 * the same on any day for the same packages. 0 where no package says.
 */
export interface BuildTimes {
  readonly image: number;
  /** Of the layers that dev images share: that of the first, which those of a branch all have. Of runtime as the image. */
  readonly shared: number;
}

/** What Alpine's base image asks for, which dev images begin with. Source: etc/apk/world of 3.9 to 3.20. */
const BASE_WORLD = ["alpine-baselayout", "alpine-keys", "apk-tools", "busybox", "libc-utils"];

/** The same on a branch: from 3.21 on it names its release too. */
function baseWorldOf(branch: string): string[] {
  return compareVersions(branch, "3.21") < 0 ? BASE_WORLD : [...BASE_WORLD, "alpine-release"];
}

/** How a map of times names one image. */
export function timeKey({ name }: Pick<Target, "name">, platform: Platform): string {
  return `${name} ${platform}`;
}

/**
 * When images will have been made, by what their branch offers to a platform. Pure.
 * @param targets of one branch
 * @returns by the target's name
 */
export function buildTimes(
  targets: readonly Target[],
  packages: PackagesByName,
): ReadonlyMap<string, BuildTimes> {
  const providers = providersIn(packages);
  const newestOf = (world: readonly string[]) =>
    newestBuild(
      closureOf(
        [...new Set(world)].map((item) => parseDependency(item)),
        providers,
      ),
    );
  const times = targets.map(({ name, variant, branch, world, shared }) => {
    const base = variant === "dev" ? baseWorldOf(branch) : [];
    const image = newestOf([...base, ...world]);
    return [name, { image, shared: variant === "dev" ? newestOf([...base, ...shared]) : image }] as const;
  });
  return new Map(times);
}
