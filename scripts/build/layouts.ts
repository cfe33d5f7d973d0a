import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type InstalledPackage, ownedFiles, parseInstalled } from "../formats/alpine/installed.ts";
import { type IndexEntry, platformOf } from "../formats/oci/assemble.ts";
import { isAttestation } from "../formats/oci/attestation.ts";
import { type Filesystem, FilesystemReader } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { compressedSize, type Descriptor } from "../formats/oci/types.ts";
import { SHADOW_PATH, usersWithPassword } from "../formats/shadow.ts";
import type { Package } from "../model/package.ts";
import { apkArchitecture, elfMachine, type Platform } from "../model/platform.ts";
import type { PackageSize } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { UNNEEDED } from "../model/unneeded.ts";
import { UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { typed } from "../system/shown/started.ts";
import type { Built, BuiltPlatform } from "./built.ts";

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
  return new FilesystemReader([...INSTALLED_DATABASES, SHADOW_PATH]);
}

/** Reads what an earlier build left in its layout. @throws UserError when the target has not been built */
export async function readBuilt(target: Target, layouts: string, reader: FilesystemReader): Promise<Built> {
  const directory = layoutOf(layouts, target);
  if (await hasImage(directory)) return inspectLayout(target, directory, reader);
  throw new UserError(
    `${target.name} has not been built`,
    `build it first: ${typed("build", [target.name])}`,
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
  const built = await inspectIndex(target, layout, await layout.root(), reader);
  const base = await readFile(join(directory, BUILT_IN), "utf8").catch(() => undefined);
  return { ...built, ...(base !== undefined && { base }) };
}

/** The same of one of the images in a layout, by its index. */
export async function inspectIndex(
  target: Target,
  layout: OciLayout,
  index: Descriptor,
  reader: FilesystemReader,
): Promise<Built> {
  const { manifests } = await layout.readImageIndex(index);
  const platforms = await Promise.all(
    manifests
      .filter((one) => !isAttestation(one))
      .map((manifest) => {
        const platform = platformOf(manifest);
        if (!platform) throw new Error(`the manifest ${manifest.digest} is for an unknown platform`);
        return inspectPlatform(target, layout, { platform, manifest }, reader);
      }),
  );
  return { target, layout: layout.directory, index, platforms };
}

/** The file beside a layout's own in which the digest of the base image is, that its image was built in. */
const BUILT_IN = "built-in";

/** Remembers in which base image an image was built: a runtime image itself has nothing of it. */
export function rememberBase(directory: string, digest: string): Promise<void> {
  return writeWhole(join(directory, BUILT_IN), digest);
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
  const { contents, sizes, machines, special, has } = await reader.read(layout, manifest);
  const installed = installedIn(target, contents);
  const foreign = foreignParts(platform, installed, machines);
  if (foreign.length > 0)
    throw new Error(`${target.name} is not an image for ${platform}: ${foreign.join(", ")}`);
  return {
    platform,
    manifest: descriptor,
    config: await layout.readConfig(manifest),
    // Without their lists of files: a run holds on to what it built until its end.
    installed: installed.map(({ directories: _, ...item }) => item),
    // As files: busybox may have a small dpkg in it, and a link by which it is called.
    packageManagers: PACKAGE_MANAGERS.filter((path) => sizes.has(path)),
    unneeded: UNNEEDED.filter((path) => has(path)),
    special,
    passwords: usersWithPassword(contents.get(SHADOW_PATH)?.toString("utf8") ?? ""),
    compressedSize: compressedSize(manifest),
    unpackedSize: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    packageSizes: packageSizes(sizes, installed),
  };
}

/** What is installed in an image, by its own database. @throws Error where it has none */
function installedIn(target: Target, contents: Filesystem["contents"]): InstalledPackage[] {
  const [database] = INSTALLED_DATABASES.flatMap((path) => contents.get(path) ?? []);
  if (!database)
    throw new Error(`${target.name} has no database of installed packages (lib/apk/db/installed)`);
  return parseInstalled(database.toString("utf8"));
}

/** What is installed in the one image that an engine exported. @throws Error where it has no database of packages */
export async function installedInLayout(
  target: Target,
  directory: string,
  reader: FilesystemReader,
): Promise<readonly Package[]> {
  const layout = await OciLayout.open(directory);
  const { contents } = await reader.read(layout, await layout.readManifest(await layout.root()));
  return installedIn(target, contents);
}

/** Where programs and libraries are; elsewhere a file may be of any machine, such as a test's data. */
const PROGRAMS = /^(usr\/)?(s?bin\/[^/]+|lib\/[^/]+\.so[.\d]*)$/;

/** How many are named. */
const SHOWN = 3;

/**
 * Names what in an image is for another architecture than its platform: packages by what apk recorded, programs by their
 * ELF header. So an image is checked that this machine cannot run. Pure.
 * @param machines path → machine of every ELF file
 */
export function foreignParts(
  platform: Platform,
  installed: readonly Pick<Package, "name" | "architecture">[],
  machines: ReadonlyMap<string, number>,
): string[] {
  const architecture = apkArchitecture(platform);
  const packages = installed
    .filter((one) => one.architecture !== architecture && one.architecture !== "noarch")
    .map((one) => `package ${one.name} is for ${one.architecture}`);
  const programs = [...machines]
    .filter(([path, machine]) => PROGRAMS.test(path) && machine !== elfMachine(platform))
    .map(([path, machine]) => `/${path} is for ELF machine ${machine}`);
  return [...packages.slice(0, SHOWN), ...programs.slice(0, SHOWN)];
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
    // Where /usr is merged, lib is a link to usr/lib: a file that apk put at lib/x is in the layer as usr/lib/x.
    const owner = owners.get(path) ?? owners.get(path.replace(/^usr\//, ""));
    if (owner !== undefined) bytes.set(owner, (bytes.get(owner) ?? 0) + size);
  }
  return new Map(installed.map(({ name, version }) => [name, { version, unpacked: bytes.get(name) ?? 0 }]));
}
