import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { INSTALLED_PATH, parseInstalled } from "../../scripts/formats/alpine/installed.ts";
import { assembleIndex, isoTime, ociPlatform } from "../../scripts/formats/oci/assemble.ts";
import { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE, REF_NAME } from "../../scripts/formats/oci/types.ts";
import { SHADOW_PATH } from "../../scripts/formats/shadow.ts";
import { newestBuild } from "../../scripts/model/package.ts";
import { hostPlatform } from "../../scripts/model/platform.ts";
import { REPOSITORIES } from "../../scripts/model/repositories.ts";
import {
  makeFolder,
  makeLink,
  moveInto,
  removeFile,
  removeTree,
  writeWhole,
} from "../../scripts/system/files/files.ts";
import { run } from "../../scripts/system/process/process.ts";
import type { Mirror } from "../mirror/mirror.ts";
import { prebuiltOr } from "../prebuilt.ts";
import { BUNDLE_NAME, bundleApk, installApkProgram } from "./apk-program.ts";
import { addLayer, type Layer } from "./layer.ts";

/** Raise this when a change of the code makes other images of the same packages. */
const FORMAT = 4;
const STAMP = "stamp";
const WORLD = [
  "alpine-baselayout",
  "alpine-baselayout-data",
  "alpine-keys",
  "alpine-release",
  "busybox",
  "busybox-binsh",
  "ca-certificates-bundle",
];

export interface BaseOptions {
  /** The sandbox's directory; the images are in its folder `base`. */
  readonly directory: string;
  readonly mirror: Mirror;
  /** Where the mirror is served. */
  readonly mirrorUrl: string;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** The base images, one for each branch, in one layout whose roots are named by branch. */
export interface BaseImages {
  readonly layout: OciLayout;
  /** Branch → image index. */
  readonly images: ReadonlyMap<string, Descriptor>;
}

/**
 * Sees to it that a base image stands for every branch of the mirror, as Alpine's: a shell, busybox's tools,
 * an `apk` and the key of the mirror. Made when there are none or what goes into them has changed.
 */
export async function prepareBaseImages(options: BaseOptions): Promise<BaseImages> {
  const bundle = await prebuiltOr("apk", bundleApk);
  const path = join(options.directory, "base");
  const stamp = stampOf(bundle, options.mirror);
  const standing = await readFile(join(path, STAMP), "utf8").catch(() => "");
  if (standing !== stamp) {
    options.onProgress("making the base images");
    const work = `${path}.new`;
    await removeTree(work);
    await buildImages(work, bundle, options);
    await removeTree(join(work, "work"));
    await writeWhole(join(work, STAMP), stamp);
    await removeTree(path);
    await moveInto(work, path);
  }
  const layout = await OciLayout.open(path);
  const { manifests } = await layout.readIndex();
  return { layout, images: new Map(manifests.map((image) => [image.annotations?.[REF_NAME] ?? "", image])) };
}

function stampOf(bundle: string, mirror: Mirror): string {
  const inputs = [FORMAT, bundle, process.version, process.execPath, mirror.stamp, WORLD];
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

async function buildImages(path: string, bundle: string, options: BaseOptions): Promise<void> {
  const { signal } = options;
  const layout = await OciLayout.create(path);
  const program = join(path, "work/program");
  // To compress Node.js takes one processor for seconds; to fill the roots takes the other.
  const [times] = await Promise.all([
    installSystems(path, bundle, options),
    installApkProgram(program, bundle, signal),
  ]);
  // The large layer comes first and is the same in every branch: it is stored and sent once.
  const common = await addLayer(layout, program, Math.min(...times.values()), signal);
  const roots: Descriptor[] = [];
  for (const [branch, time] of times) {
    const own = await addLayer(layout, join(path, "work", branch), time, signal);
    const manifest = await putImage(layout, [common, own], isoTime(time));
    const index = await assembleIndex(layout, [{ platform: hostPlatform(), manifest }], {}, branch);
    roots.push({ ...index, annotations: { [REF_NAME]: branch } });
  }
  await layout.writeIndex(roots);
}

/** Fills a root directory for each branch. @returns branch → the time of its newest package */
async function installSystems(
  path: string,
  bundle: string,
  options: BaseOptions,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const branch of options.mirror.branches) {
    const root = join(path, "work", branch);
    await installSystem(root, branch, join(path, "work", BUNDLE_NAME), bundle, options);
    const database = await readFile(join(root, INSTALLED_PATH), "utf8");
    times.set(branch, newestBuild(parseInstalled(database)));
  }
  return times;
}

/** Fills a root directory with the packages of a base image: the `apk` that will be in it installs them. */
async function installSystem(
  root: string,
  branch: string,
  program: string,
  bundle: string,
  { mirror, mirrorUrl, signal }: BaseOptions,
): Promise<void> {
  await makeFolder(join(root, "etc/apk/keys"));
  await writeWhole(join(root, "etc/apk/keys", mirror.key.name), mirror.key.publicKey);
  const repositories = REPOSITORIES.map((name) => `${mirrorUrl}/v${branch}/${name}\n`).join("");
  await writeWhole(join(root, "etc/apk/repositories"), repositories);
  await writeWhole(program, bundle);
  const kind = ["--initdb", "--no-cache", "--no-scripts", "--arch", mirror.architecture];
  await run([process.execPath, program, "add", "--root", root, ...kind, ...WORLD], signal ? { signal } : {});
  // Whoever builds on the image says where the mirror is; its port may be another by then.
  await removeFile(join(root, "etc/apk/repositories"));
  // Alpine's base image has these from busybox's install script.
  const busybox = join(root, "usr/bin/busybox");
  const { stdout } = await run([busybox, "--list-full"], signal ? { signal } : {});
  for (const applet of stdout.trim().split("\n")) {
    await makeFolder(join(root, dirname(applet)));
    await makeLink("/bin/busybox", join(root, applet)).catch(ignoreExisting);
  }
  // Who makes Alpine's root filesystem locks root; the package does not.
  await run([busybox, "sed", "-i", "s/^root::/root:*:/", join(root, SHADOW_PATH)], signal ? { signal } : {});
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}

async function putImage(layout: OciLayout, layers: readonly Layer[], created: string): Promise<Descriptor> {
  const config = await layout.putJson(
    {
      ...ociPlatform(hostPlatform()),
      created,
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Cmd: ["/bin/sh"],
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      // buildah takes no base image whose history does not account for every layer.
      history: layers.map(() => ({ created, created_by: "birdhouse sandbox" })),
    },
    MEDIA_TYPE.config,
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  return await layout.putJson(manifest, MEDIA_TYPE.manifest);
}
