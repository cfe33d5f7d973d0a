import type { Inputs } from "./inputs.ts";
import type { Platform } from "./platform.ts";

/** What the registry holds under a target's tag. */
export interface Published {
  readonly digest: string;
  /** Undefined when there is an image, but not one that tells what it was made from. */
  readonly inputs: Inputs | undefined;
  /** Undefined when it does not tell what it weighs. */
  readonly sizes?: ImageSizes | undefined;
  /** Those that its index has a manifest for; undefined where that was not read, or it is no index. */
  readonly platforms?: readonly Platform[] | undefined;
  /** The version of the Birdhouse that built it, where it says so. */
  readonly builder?: string | undefined;
  /** Digest of the base image that it was built on; a runtime image starts from nothing. */
  readonly base?: string | undefined;
  /** When the newest package in it was built, in RFC 3339, where it says so. */
  readonly created?: string | undefined;
  /** When its tag was moved to it, where that was asked for. */
  readonly at?: Date | undefined;
}

/** What one platform of an image weighs, all in bytes. */
export interface PlatformSizes {
  /** To download: the layers, compressed. */
  readonly compressed: number;
  /** On disk: all files. */
  readonly unpacked: number;
  /** By name. All of them: a package that brings no files has 0 bytes. */
  readonly packages: ReadonlyMap<string, PackageSize>;
}

export interface PackageSize {
  readonly version: string;
  /** The bytes of its files, as far as the image has them. */
  readonly unpacked: number;
}

/** What an image weighs on each of its platforms, such as `linux/amd64`. */
export type ImageSizes = ReadonlyMap<string, PlatformSizes>;

/** Stands among the names of packages for what came with none: what the Dockerfile made, and apk's database. */
export const NOT_OF_A_PACKAGE = "(not of a package)";

/** One thing that an image spends bytes on. */
export interface Part {
  /** A package's, or `NOT_OF_A_PACKAGE`. */
  readonly name: string;
  /** Absent for what is not of a package. */
  readonly version?: string;
  readonly unpacked: number;
}

/** All that a platform's bytes are spent on, largest first. The parts add up to what is unpacked. */
export function partsOf({ unpacked, packages }: PlatformSizes): Part[] {
  const parts: Part[] = [...packages].map(([name, size]) => ({ name, ...size }));
  const rest = unpacked - parts.reduce((sum, part) => sum + part.unpacked, 0);
  if (rest > 0) parts.push({ name: NOT_OF_A_PACKAGE, unpacked: rest });
  return parts.sort((a, b) => b.unpacked - a.unpacked || (a.name < b.name ? -1 : 1));
}
