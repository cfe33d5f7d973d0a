import { type InstalledPackage, ownedFiles } from "../formats/alpine/installed.ts";
import type { PackageSize } from "../model/sizes.ts";

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
