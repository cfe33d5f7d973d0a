import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { LAYOUT_JSON, OciLayout } from "../formats/oci/layout.ts";
import type { CleanRule } from "../model/policy.ts";
import { UserError } from "../system/errors.ts";
import { makeLink, makeScratch, removeTree, writeWhole } from "../system/files/files.ts";
import { run, tryRun } from "../system/process/process.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import type { BuildRequest, Engine, LocalImage } from "./engine.ts";
import { Farm, type Note } from "./farm.ts";
import { isLeftBehind, isLoaded, loadedRepository } from "./loaded-images.ts";
import { buildOptions, outputCompression, runOnce, SharedStages } from "./requests.ts";

/** What the templates call the last stage of every Dockerfile. */
const FINAL_STAGE = "image";

const infoSchema = z.looseObject({
  ServerVersion: z.string(),
  DriverStatus: z.array(z.tuple([z.string(), z.string()])).nullish(),
});

/**
 * Docker with buildx and the containerd image store.
 * @param builder the name of a buildx builder, such as one in a cluster; without it buildx takes `BUILDX_BUILDER`
 *   of the environment, or the one that was chosen with `docker buildx use`. Smoke tests run in the daemon.
 * @throws UserError where one of these is missing, or there is no such builder
 */
export async function openDocker(builder?: string, note: Note = () => {}): Promise<Engine> {
  // Unlike `docker info`, this fails when no daemon answers, and says why.
  await run(["docker", "version", "--format", "{{.Server.Version}}"]);
  await run(["docker", "buildx", "version"]);
  const info = await run(["docker", "info", "--format", "{{json .}}"]);
  const { ServerVersion, DriverStatus } = infoSchema.parse(JSON.parse(info.stdout));
  const store = DriverStatus?.find(([key]) => key === "driver-type")?.[1];
  if (store !== "io.containerd.snapshotter.v1") {
    throw new UserError(
      "docker keeps its images in its classic store, which can neither export nor load OCI layouts",
      'turn on the containerd image store: {"features": {"containerd-snapshotter": true}} in ' +
        "/etc/docker/daemon.json, or Docker Desktop's settings, General",
    );
  }
  return engineOf((title) => `docker ${ServerVersion}${title && `, ${title}`}`, builder, note);
}

/**
 * buildx alone, for a builder elsewhere: in a cluster's pod there is no daemon. It builds, and runs nothing.
 * @throws UserError where there is no such builder
 * @throws CommandError where there is no buildx
 */
export async function openBuildx(
  builder: string,
  note: Note,
): Promise<Pick<Engine, "title" | "build" | "close">> {
  await run(["docker", "buildx", "version"]);
  return engineOf((title) => `buildx's ${title}`, builder, note);
}

/** Whether a daemon answers. */
export async function hasDaemon(): Promise<boolean> {
  return (await tryRun(["docker", "version", "--format", "{{.Server.Version}}"])).exitCode === 0;
}

/** An unknown builder would fail each build by itself, hundreds of times. */
async function requireBuilder(builder: string): Promise<void> {
  const { exitCode, output } = await tryRun(["docker", "buildx", "inspect", builder]);
  if (exitCode === 0) return;
  throw new UserError(
    `docker buildx has no builder ${builder}: ${output.trim()}`,
    `list them with: docker buildx ls; create one with: docker buildx create --name ${builder}`,
  );
}

function builderOption(builder: string | undefined): string[] {
  return builder === undefined ? [] : ["--builder", builder];
}

/**
 * Removes the images that smoke tests of killed runs left in docker, and from the builder's cache what has not been used
 * for as long as a layout may live, the oldest first, until it is below the bound: others build with it too.
 * @returns docker's own words; undefined where there is no docker
 */
export async function pruneDocker(rule: CleanRule, builder?: string): Promise<string | undefined> {
  const listed = await tryRun(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
  if (listed.exitCode !== 0) return undefined;
  const left: string[] = [];
  for (const name of listed.stdout.split("\n").filter((one) => isLoaded(one))) {
    // The time of the image's contents says nothing: it is the same whenever it is built.
    const format = "{{.Metadata.LastTagTime.UnixMilli}}";
    const { stdout } = await tryRun(["docker", "image", "inspect", "--format", format, name]);
    if (isLeftBehind(name, Number.parseInt(stdout, 10), Date.now())) left.push(name);
  }
  if (left.length > 0) await tryRun(["docker", "image", "rm", "--force", ...left]);
  const unused = ["--filter", `unused-for=${rule.layouts * 24}h`, "--keep-storage", `${rule.disk}`];
  const pruned = await tryRun(["docker", "buildx", "prune", ...builderOption(builder), "--force", ...unused]);
  const last = pruned.output.trim().split("\n").at(-1) ?? "";
  return pruned.exitCode === 0 ? `build cache: ${last.toLowerCase()}` : undefined;
}

/** The folder of a run, for the stages that its images share and for what buildx must know of a farm. */
async function ownFolder(): Promise<string> {
  const all = join(tmpdir(), "birdhouse-stages");
  for (const abandoned of await abandonedIn(all)) await removeRunFolder(abandoned);
  return makeRunFolder(all);
}

async function engineOf(
  titleOf: (farm: string) => string,
  builder: string | undefined,
  note: Note,
): Promise<Engine> {
  if (builder !== undefined) await requireBuilder(builder);
  const sharedStages = new SharedStages<string>();
  let folder: Promise<string> | undefined;
  const folderOnce = () => (folder ??= ownFolder());
  const loaded = new Set<string>();
  const removeOwn = async () => {
    if (folder) await removeRunFolder(await folder);
  };
  const farm = await Farm.open(builder, folderOnce, note).catch(async (error: unknown) => {
    await removeOwn();
    throw error;
  });
  const runBuild = (request: BuildRequest, time: number, layout: string, options: readonly string[]) => {
    const network = request.hostNetwork ? ["--network", "host"] : [];
    const fixed = [...network, "--provenance", "false", "--sbom", "false"];
    const output = `type=oci,tar=false,dest=${layout},rewrite-timestamp=true${outputCompression(request)}`;
    const words = [...fixed, ...buildOptions(request), ...options, "--output", output];
    return farm.on(request, async (place, signal) => {
      // Of a node that went away in the middle.
      await removeTree(layout);
      const argv = ["docker", "buildx", "build", ...place.words, ...words, dirname(request.dockerfile)];
      const env = { ...place.env, SOURCE_DATE_EPOCH: String(time) };
      return run(argv, { env, signal });
    });
  };
  const buildStage = async (request: BuildRequest, { stage, time }: NonNullable<BuildRequest["shared"]>) => {
    const layout = await makeScratch(await folderOnce(), "stage-");
    await runBuild(request, time, layout, ["--target", stage, "--no-cache"]);
    const { digest } = await (await OciLayout.open(layout)).root();
    return `${stage}=oci-layout://${layout}@${digest}`;
  };
  const remove = async (name: string) => {
    loaded.delete(name);
    await tryRun(["docker", "image", "rm", "--force", name]);
  };
  return {
    name: "docker",
    title: titleOf(farm.title),
    /**
     * BuildKit rewrites the times of files only as it exports an image, and then of all its layers: what was made later
     * than SOURCE_DATE_EPOCH gets that time. A stage that was only in its cache would so be another layer in each image
     * (tried with 0.13). Exported with a time of its own first, and taken as the layout that images begin with, it is
     * the same in all: nothing in it is later than they are.
     */
    async build(request) {
      const stage = await sharedStages.build(request, (shared) => buildStage(request, shared));
      const fresh = stage ? ["--build-context", stage, "--no-cache-filter", FINAL_STAGE] : ["--no-cache"];
      await runBuild(request, request.time, request.layout, fresh);
    },
    async open(image) {
      const repository = loadedRepository(image.name);
      const name = `${repository}:${image.platform.replace("/", "-")}`;
      loaded.add(name);
      await load(image, name);
      // By digest: whatever else gets this name meanwhile, these are the bytes that were built.
      const bytes = `${repository}@${image.manifest.digest}`;
      return {
        run([program = "", ...args], options = {}) {
          const entry = ["--platform", image.platform, "--entrypoint", program];
          return runOnce(["docker"], entry, [bytes, ...args], options);
        },
        remove: () => remove(name),
      };
    },
    async close() {
      for (const name of loaded) await remove(name);
      await removeOwn();
    },
  };
}

/** `docker load` takes an OCI layout as a tar file whose index names the image. */
async function load(image: LocalImage, name: string): Promise<void> {
  const directory = await makeScratch(tmpdir(), "birdhouse-load-");
  try {
    const descriptor = { ...image.manifest, annotations: { "io.containerd.image.name": name } };
    const index = { schemaVersion: 2, manifests: [descriptor] };
    await writeWhole(join(directory, "index.json"), JSON.stringify(index));
    await writeWhole(join(directory, "oci-layout"), LAYOUT_JSON);
    await makeLink(resolve(image.layout, "blobs"), join(directory, "blobs"));
    const archive = join(directory, "image.tar");
    await run(["tar", "-chf", archive, "-C", directory, "oci-layout", "index.json", "blobs"]);
    await run(["docker", "load", "--input", archive]);
  } finally {
    await removeTree(directory);
  }
}
