import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pLimit from "p-limit";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { dockerfileOf } from "../../../scripts/render/files.ts";
import type { Cleanup } from "../../../scripts/system/ending.ts";
import { run as runProcess } from "../../../scripts/system/process/process.ts";
import { unmountBelow } from "../../../scripts/system/state/run-folder.ts";

/** What people do without Birdhouse: a loop over the Dockerfiles, and a push of every tag. */
export interface BuildLoop {
  /** @param cache whether layers are taken from the last time. @param namespaces where the tags go */
  run(targets: readonly BuildTarget[], cache: boolean, namespaces: readonly string[]): Promise<void>;
}

export interface BuildTarget {
  readonly target: Target;
  readonly tags: readonly string[];
}

/**
 * Opens a loop with a store of its own, which keeps its layers.
 * @param images the directory of the Dockerfiles
 * @param registry `HOST:PORT`
 * @param concurrency builds at once
 * @param how what else a build is told of a target, and what runs commands
 */
export async function openBuildLoop(
  images: string,
  registry: string,
  concurrency: number,
  cleanup: Cleanup,
  how: { argsOf?: (target: Target) => readonly string[]; run?: typeof runProcess } = {},
): Promise<BuildLoop> {
  const { argsOf = () => [], run = runProcess } = how;
  const store = await mkdtemp(join(tmpdir(), "birdhouse-store-"));
  cleanup.add(async () => {
    await unmountBelow(store);
    await rm(store, { recursive: true, force: true });
  });
  const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  const build = async ({ target, tags }: BuildTarget, cache: boolean, namespaces: readonly string[]) => {
    const name = `localhost/${target.name.replace(":", "-")}`;
    const dockerfile = join(images, dockerfileOf(target));
    const options = ["--isolation", "chroot", "--format", "oci", "--tls-verify=false"];
    // Buildah before 1.30 does not set it by itself.
    const platform = ["--build-arg", `BUILDPLATFORM=${hostPlatform()}`];
    const layers = cache ? ["--layers"] : ["--no-cache"];
    const words = [
      ...options,
      ...platform,
      ...argsOf(target),
      ...layers,
      "--tag",
      name,
      "--file",
      dockerfile,
    ];
    await run([...buildah, "build", ...words, dirname(dockerfile)]);
    for (const namespace of namespaces) {
      for (const tag of tags) {
        const destination = `docker://${registry}/${namespace}/${target.image}:${tag}`;
        await run([...buildah, "push", "--tls-verify=false", name, destination]);
      }
    }
  };
  return {
    async run(targets, cache, namespaces) {
      const limit = pLimit(concurrency);
      await Promise.all(targets.map((one) => limit(build, one, cache, namespaces)));
    },
  };
}
