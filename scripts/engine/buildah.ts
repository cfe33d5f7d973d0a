import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { makeLink, makeScratch, removeFile, removeTree, writeWhole } from "../system/files/files.ts";
import { run, tryRun } from "../system/process/process.ts";
import { makeRunFolder, removeRunFolder, spreader } from "../system/state/run-folder.ts";
import type { BuildRequest, Engine } from "./engine.ts";
import {
  buildOptions,
  buildPlatformArgument,
  pushCompression,
  runOptions,
  SharedStages,
  sharedStageOf,
} from "./requests.ts";
import { passingStages, StageTurns } from "./turns.ts";

/**
 * buildah, which needs no daemon. Its store is of this run alone, and removed at its end: that bounds the disk, keeps
 * layers from outliving the package index they were made from, and leaves the machine's own images alone.
 * @param directory of the stores
 */
export async function openBuildah(directory: string): Promise<Engine> {
  const title = await titleOf("buildah");
  const store = await makeRunFolder(directory);
  const buildah = [...startOf("buildah"), "--root", join(store, "root"), "--runroot", join(store, "run")];
  let containers = 0;
  return {
    name: "buildah",
    title,
    build: builderWith(buildah, store, exportAtOnce),
    async open(image) {
      const name = `${image.name}-${++containers}`;
      const source = await linkLayout(image.layout, store, name);
      const from = ["from", "--name", name, "--platform", image.platform, source];
      await run([...buildah, ...from], { cwd: store });
      return {
        // With this isolation buildah ends when the command does, and does not wait for the thread that hands on what was
        // printed (chroot/run_common.go, runUsingChrootMain): on a busy machine one run of some hundreds loses it.
        losesOutput: true,
        run(argv, options = {}) {
          const flags = [...ISOLATION, ...runOptions(options, "--workingdir")];
          return tryRun([...buildah, "run", ...flags, name, "--", ...argv], { signal: options.signal });
        },
        remove: async () => void (await tryRun([...buildah, "rm", name])),
      };
    },
    close: () => removeRunFolder(store),
  };
}

/** Where a store has what is in images and containers, with the driver that it has nearly everywhere. */
function overlayOf(store: string): string {
  return join(store, "root/overlay");
}

/** Name and version, as buildah and podman tell it. @throws CommandError where there is no such program */
export async function titleOf(program: "buildah" | "podman"): Promise<string> {
  const { stdout } = await run([program, "--version"]);
  return `${program} ${stdout.match(/version (\S+)/)?.[1] ?? ""}`.trim();
}

/**
 * The words that start a program. It refuses to begin where DOCKER_CONFIG names a folder without a config.json, as that of
 * a Secret which is optional; to docker, and to us, nobody has logged in there. Source: containers/common, pkg/auth
 */
export function startOf(
  program: "buildah" | "podman",
  { DOCKER_CONFIG }: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const isEmpty = DOCKER_CONFIG && !existsSync(join(DOCKER_CONFIG, "config.json"));
  return isEmpty ? ["env", "DOCKER_CONFIG=", program] : [program];
}

/**
 * Makes a layout known under a plain name: buildah and podman name an image after its layout's path, and not every path
 * makes a name.
 * @returns how they are told of it, in the store's own directory
 */
export async function linkLayout(layout: string, store: string, name: string): Promise<string> {
  await makeLink(resolve(layout), join(store, name));
  return `oci:${name}`;
}

/** Isolation by chroot: needs neither cgroups nor a runtime, and shares the host's network. */
const ISOLATION = ["--isolation", "chroot"];

/** Of every build: nothing in an image tells with which release it was built. */
const FIXED = [...ISOLATION, "--format", "oci", "--identity-label=false"];

/**
 * Names a layout in place of an image of the store: buildah writes there what the last step made, compressed as `push`
 * does, and unpacks it nowhere. All layers below would be compressed too, and never one that the layout has.
 */
function exportAtOnce(layout: string): string[] {
  return ["--disable-compression=false", "--tag", `oci:${layout}`];
}

/**
 * `Engine.build` with buildah, or with podman, which has buildah inside and takes the same options.
 * @param command the program, with the options of its store
 * @param store its directory: layers that images share are kept there too
 * @param toLayout the options of a build that writes an image into a layout by itself, where the program can
 */
export function builderWith(
  command: readonly string[],
  store: string,
  toLayout?: (layout: string) => string[],
): Engine["build"] {
  const sharedStages = new SharedStages<string>();
  const layers = new CompressedLayers(join(store, "layers"));
  const turns = new StageTurns();
  const spread = spreader(overlayOf(store));
  const runBuild = async (request: BuildRequest, time: number, options: readonly string[]) => {
    const insecure = request.insecureBase ? ["--tls-verify=false"] : [];
    // As BuildKit does by itself: for the steps that declare it, so that programs which write the time write this one.
    const epoch = ["--timestamp", `${time}`, "--build-arg", `SOURCE_DATE_EPOCH=${time}`];
    const words = [...FIXED, ...epoch, ...insecure, ...buildPlatformArgument()];
    const all = [...words, ...buildOptions(request), ...options];
    const argv = [...command, "build", ...all, dirname(request.dockerfile)];
    await spread();
    return run(argv, { signal: request.signal });
  };
  // What has no stage made for it makes its own.
  const runAlone = async (request: BuildRequest, options: readonly string[]) => {
    const stages = passingStages(await readFile(request.dockerfile, "utf8"));
    await turns.take(stages, () => runBuild(request, request.time, options));
  };
  const push = (request: BuildRequest, tag: string, layout: string) => {
    const argv = ["push", "--format", "oci", ...pushCompression(request), tag, `oci:${layout}`];
    return run([...command, ...argv], { signal: request.signal });
  };
  const pushWithoutKnown = async (request: BuildRequest, tag: string, layout: string) => {
    const leftOut = await layers.layOut(layout);
    await push(request, tag, layout);
    await layers.complete(layout, leftOut);
  };
  // Each of its steps is a layer, which shared stages with the same first steps have in common.
  const buildStage = async (request: BuildRequest, { stage, time }: NonNullable<BuildRequest["shared"]>) => {
    const tag = `localhost/shared-${shortHash(sharedStageOf(request) ?? "")}`;
    await runBuild(request, time, ["--layers", "--target", stage, "--tag", tag]);
    const layout = await makeScratch(store, "stage-");
    await pushWithoutKnown(request, tag, layout);
    await layers.keep(layout);
    await removeTree(layout);
    return `${stage}=container-image://${tag}`;
  };
  return async (request) => {
    const shared = await sharedStages.build(request, (stage) => buildStage(request, stage));
    // An image that shares no stage stands on no layer that is known. How to compress only `push` can be told.
    if (!shared && toLayout && !request.compression) {
      const options = ["--layers=false", ...toLayout(request.layout)];
      return runAlone(request, options);
    }
    const tag = `localhost/${request.name}:${request.platform.replace("/", "-")}`;
    // What a stage of its own adds is one layer, and none of it is taken from the cache: an image that is built anew for
    // its time really is.
    const options = ["--layers=false", ...(shared ? ["--build-context", shared] : []), "--tag", tag];
    await (shared ? runBuild(request, request.time, options) : runAlone(request, options));
    await (shared ? pushWithoutKnown : push)(request, tag, request.layout);
  };
}

/** What tells a text from others, in a few letters that a name may have. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Digest before compression → the layer as it travels. */
type Layers = ReadonlyMap<string, Descriptor>;

/**
 * Layers that images have in common, so that they are compressed once in a run. buildah's store keeps layers as they
 * are unpacked and compresses them with each export, though all dev images of a branch stand on the same hundreds of
 * megabytes. What is in a layout already under the digest that a layer has in the store, it leaves alone: so a layout
 * is laid out with empty files of these names, and afterwards the layers that were compressed before take their place.
 * Source: containers/image, oci/layout/oci_dest.go, `TryReusingBlob`. If a later release does not do
 * so, it compresses each layer as usual, and none is replaced.
 */
export class CompressedLayers {
  readonly #known = new Map<string, Descriptor>();

  /** @param directory where the layers are kept; it need not exist */
  constructor(readonly directory: string) {}

  /**
   * Makes a layout for an image to be exported to.
   * @returns what the export is to leave out, for `complete`
   */
  async layOut(directory: string): Promise<Layers> {
    const layout = await OciLayout.create(directory);
    const known = new Map(this.#known);
    for (const digest of known.keys()) await writeWhole(layout.blobPath(digest), "");
    return known;
  }

  /** Puts the layers into the exported image that were left out. */
  async complete(directory: string, leftOut: Layers): Promise<void> {
    const layout = await OciLayout.open(directory);
    for (const digest of leftOut.keys()) await removeFile(layout.blobPath(digest));
    const root = await layout.root();
    const manifest = await layout.readManifest(root);
    const layers = manifest.layers.map((layer) => leftOut.get(layer.digest) ?? layer);
    if (layers.every((layer, index) => layer === manifest.layers[index])) return;
    const kept = await OciLayout.open(this.directory);
    for (const layer of layers) if (!manifest.layers.includes(layer)) await layout.importFrom(kept, layer);
    await layout.writeIndex([await layout.putJson({ ...manifest, layers }, root.mediaType)]);
  }

  /** Keeps all layers of an image, for those that stand on it. */
  async keep(directory: string): Promise<void> {
    const layout = await OciLayout.open(directory);
    const manifest = await layout.readManifest(await layout.root());
    const { rootfs } = await layout.readConfig(manifest);
    const kept = await OciLayout.create(this.directory);
    for (const [index, layer] of manifest.layers.entries()) {
      const digest = rootfs.diff_ids[index];
      if (digest === undefined || this.#known.has(digest)) continue;
      await kept.importFrom(layout, layer);
      this.#known.set(digest, layer);
    }
  }
}
