import { join } from "node:path";
import { parseInstalled } from "../formats/alpine/installed.ts";
import { type IndexEntry, ociPlatform } from "../formats/oci/assemble.ts";
import { FilesystemReader } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { compressedSize, type Descriptor } from "../formats/oci/types.ts";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { foreignParts } from "./architecture.ts";
import type { Built, BuiltPlatform } from "./built.ts";
import { packageSizes } from "./sizes.ts";

/** Where apk keeps its database, seen from the root: apk-tools 2, and 3 with a merged /usr. */
const INSTALLED_DATABASES = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/** Where package managers are, seen from the root. */
const PACKAGE_MANAGERS = ["sbin/apk", "usr/bin/apk", "usr/sbin/apk", "usr/bin/apt-get", "usr/bin/dpkg"];

/** The OCI layout directory of a target. */
export function layoutOf(layouts: string, target: Target): string {
  return join(layouts, target.image, target.version, target.variant);
}

/** A reader for `inspectLayout`. One for a run: it reads every layer once, however many images share it. */
export function imageReader(): FilesystemReader {
  return new FilesystemReader([...INSTALLED_DATABASES, ...PACKAGE_MANAGERS]);
}

/** Reads what an earlier build left in its layout. @throws UserError when the target has not been built */
export async function readBuilt(target: Target, layouts: string, reader: FilesystemReader): Promise<Built> {
  const directory = layoutOf(layouts, target);
  if (await hasImage(directory)) return inspectLayout(target, directory, reader);
  throw new UserError(
    `${target.name} has not been built`,
    `build it first: make build ONLY="${target.name}"`,
  );
}

/** Whether a build has ended here. One that failed or was interrupted leaves a layout without an image. */
async function hasImage(directory: string): Promise<boolean> {
  try {
    const { manifests } = await (await OciLayout.open(directory)).readIndex();
    return manifests.length > 0;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Reads from a layout what the image in it is made of: nothing is taken from memory, all from its bytes. */
export async function inspectLayout(
  target: Target,
  directory: string,
  reader: FilesystemReader,
): Promise<Built> {
  const layout = await OciLayout.open(directory);
  const index = await layout.root();
  const { manifests } = await layout.readImageIndex(index);
  const platforms = await Promise.all(
    manifests.map((manifest) =>
      inspectPlatform(target, layout, { platform: platformOf(manifest), manifest }, reader),
    ),
  );
  return { target, layout: directory, index, platforms };
}

/**
 * Reads one platform's image from a layout.
 * @throws Error when the image has no database of packages, or something in it is of another architecture
 */
export async function inspectPlatform(
  target: Target,
  layout: OciLayout,
  { platform, manifest: descriptor }: IndexEntry,
  reader: FilesystemReader,
): Promise<BuiltPlatform> {
  const manifest = await layout.readManifest(descriptor);
  const { contents, sizes, machines } = await reader.read(layout, manifest);
  const database = INSTALLED_DATABASES.map((path) => contents.get(path)).find(
    (content) => content !== undefined,
  );
  if (!database)
    throw new Error(`${target.name} has no database of installed packages (lib/apk/db/installed)`);
  const installed = parseInstalled(database.toString("utf8"));
  const foreign = foreignParts(platform, installed, machines);
  if (foreign.length > 0)
    throw new Error(`${target.name} is no image for ${platform}: ${foreign.join(", ")}`);
  return {
    platform,
    manifest: descriptor,
    config: await layout.readConfig(manifest),
    // Without their lists of files: a run holds on to what it built until its end.
    installed: installed.map(({ directories: _, ...item }) => item),
    packageManagers: PACKAGE_MANAGERS.filter((path) => contents.has(path)),
    compressedSize: compressedSize(manifest),
    unpackedSize: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    packageSizes: packageSizes(sizes, installed),
  };
}

function platformOf({ platform, digest }: Descriptor): Platform {
  const found = PLATFORMS.find((known) => {
    const { os, architecture } = ociPlatform(known);
    return platform?.os === os && platform.architecture === architecture;
  });
  if (!found) throw new Error(`the manifest ${digest} is for no platform that is known here`);
  return found;
}
