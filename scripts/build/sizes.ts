import { type InstalledPackage, ownedFiles } from "../alpine/installed.ts";

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

/**
 * How many bytes each package has in an image. Pure. Counted is what is there: files that were removed after
 * they had been installed weigh nothing.
 * @param files path → bytes, as `FilesystemReader` gives them
 * @param installed the image's own database
 */
export function packageSizes(
  files: ReadonlyMap<string, number>,
  installed: readonly InstalledPackage[],
): Map<string, PackageSize> {
  const owners = new Map(installed.flatMap((item) => ownedFiles(item).map((path) => [path, item.name])));
  const bytes = new Map<string, number>();
  for (const [path, size] of files) {
    const owner = owners.get(path) ?? owners.get(unmerged(path));
    if (owner !== undefined) bytes.set(owner, (bytes.get(owner) ?? 0) + size);
  }
  return new Map(installed.map(({ name, version }) => [name, { version, unpacked: bytes.get(name) ?? 0 }]));
}

/** Where /usr is merged, lib is a link to usr/lib: a file that apk put at lib/x is in the layer as usr/lib/x. */
function unmerged(path: string): string {
  return path.startsWith("usr/") ? path.slice("usr/".length) : path;
}

/** All that a platform's bytes are spent on, largest first. The parts add up to what is unpacked. */
export function partsOf({ unpacked, packages }: PlatformSizes): Part[] {
  const parts: Part[] = [...packages].map(([name, size]) => ({ name, ...size }));
  const rest = unpacked - parts.reduce((sum, part) => sum + part.unpacked, 0);
  if (rest > 0) parts.push({ name: NOT_OF_A_PACKAGE, unpacked: rest });
  return parts.sort((a, b) => b.unpacked - a.unpacked || (a.name < b.name ? -1 : 1));
}
