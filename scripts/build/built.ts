import type { Special } from "../formats/oci/filesystem.ts";
import type { Descriptor, ImageConfig } from "../formats/oci/types.ts";
import type { usersWithPassword } from "../formats/shadow.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageSizes, PackageSize } from "../model/published.ts";
import { eachOf, type OfVariants, type Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";

/** A target as it lies in an OCI layout on disk: built, and not tested yet. */
export interface Built {
  readonly target: Target;
  /** The OCI layout directory. */
  readonly layout: string;
  /** The image index: its digest is what consumers pull. */
  readonly index: Descriptor;
  readonly platforms: readonly BuiltPlatform[];
  /** Digest of the base image that it was built in, where that was known: that of a runtime image too. */
  readonly base?: string;
}

/** One platform of a built target. */
export interface BuiltPlatform {
  readonly platform: Platform;
  readonly manifest: Descriptor;
  readonly config: ImageConfig;
  /** All packages in it, from its own installed database. */
  readonly installed: readonly Package[];
  /** Paths in the image that a package manager would have. */
  readonly packageManagers: readonly string[];
  /** Paths in any of its layers that no runtime image may have: see `UNNEEDED`. */
  readonly unneeded: readonly string[];
  /** Device nodes in any of its layers, and files that give whoever runs them other rights. */
  readonly special: ReadonlyMap<string, Special>;
  /** Users whom a password lets in, or the lack of one. */
  readonly passwords: ReturnType<typeof usersWithPassword>;
  /** Bytes to download: the layers, compressed. */
  readonly compressedSize: number;
  /** Bytes on disk: all files. */
  readonly unpackedSize: number;
  /** What each package has of these, by name. */
  readonly packageSizes: ReadonlyMap<string, PackageSize>;
}

/** What an image weighs, on each of these platforms. */
export function sizesOf(platforms: readonly BuiltPlatform[]): ImageSizes {
  return new Map(
    platforms.map(({ platform, compressedSize, unpackedSize, packageSizes }) => [
      platform,
      { compressed: compressedSize, unpacked: unpackedSize, packages: packageSizes },
    ]),
  );
}

/** The exact version of what the image is about, such as `22.16.0`, where its package is installed. */
export function installedVersion({
  target,
  platforms,
}: Pick<Built, "target" | "platforms">): string | undefined {
  return versionIn(target, platforms[0]?.installed ?? []);
}

/** The same, by what is installed. */
export function versionIn(
  target: Pick<Target, "package">,
  installed: readonly Pick<Package, "name" | "version">[],
): string | undefined {
  return installed.find(({ name }) => name === target.package)?.version.replace(/-r\d+$/, "");
}

/** The same with the number of the package's build: `22.16.0-r2`. */
export function installedRevision({ target, platforms }: Pick<Built, "target" | "platforms">) {
  return platforms[0]?.installed.find(({ name }) => name === target.package)?.version;
}

/**
 * The variants of one image version, built: `node:22` and `node:22-dev`. They are tested, published and
 * tagged as one, because a consumer builds with the one and runs on the other.
 */
export type BuiltRelease = OfVariants<Built>;

/**
 * The exact version that both variants are of, such as `22.16.0`. A program that is in dev only, such as a
 * compiler, gives its version to both.
 * @throws Error when they differ, or when the package is in neither
 */
export function releasedVersion(release: BuiltRelease): string {
  const [version, ...others] = new Set(eachOf(release).flatMap((one) => installedVersion(one) ?? []));
  const { name, package: installed } = release.runtime.target;
  if (version === undefined)
    throw new Error(`the package ${installed}, which gives ${name} its version, is in neither variant`);
  if (others.length > 0)
    throw new Error(`${name} and its dev variant differ in ${installed}: ${[version, ...others].join(", ")}`);
  return version;
}

/**
 * Requires that an image has every platform that its tag is to have: a layout of an earlier build may hold less, and a
 * tag that had both must not come to point at half.
 * @throws UserError naming the platforms
 */
export function requirePlatforms({ target, platforms }: Built, wanted: readonly Platform[]): void {
  const built = platforms.map(({ platform }) => platform);
  if (wanted.every((platform) => built.includes(platform))) return;
  throw new UserError(
    `${target.name} was built for ${built.join(", ")}, but its tags need ${wanted.join(", ")}`,
    `build it again: ${typed("build", [target.name])}`,
  );
}

/** The version with the number of the package's build, such as `22.16.0-r2`, of the first variant that has it. */
export function releasedRevision(release: BuiltRelease): string {
  const [revision] = eachOf(release).flatMap((one) => installedRevision(one) ?? []);
  return revision ?? releasedVersion(release);
}
