import type { Descriptor, ImageConfig } from "../formats/oci/types.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageSizes, PackageSize } from "../model/sizes.ts";
import type { Target } from "../model/target.ts";

/** A target as it lies in an OCI layout on disk: built, and not tested yet. */
export interface Built {
  readonly target: Target;
  /** The OCI layout directory. */
  readonly layout: string;
  /** The image index: its digest is what consumers pull. */
  readonly index: Descriptor;
  readonly platforms: readonly BuiltPlatform[];
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
export function installedVersion(built: Built): string | undefined {
  return installedRevision(built)?.replace(/-r\d+$/, "");
}

/** The same with the number of the package's build: `22.16.0-r2`. */
export function installedRevision({ target, platforms }: Built): string | undefined {
  const versions = platforms.map(
    ({ installed }) => installed.find(({ name }) => name === target.package)?.version,
  );
  return versions[0];
}
