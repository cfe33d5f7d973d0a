import { hostPlatform } from "../model/platform.ts";
import type { BuildRequest, RunOptions } from "./engine.ts";

/** The options that `buildah build` and `docker buildx build` share. */
export function buildOptions(request: BuildRequest): string[] {
  const secrets = Object.entries(request.secrets ?? {});
  return [
    ...["--file", request.dockerfile, "--platform", request.platform],
    ...Object.entries(request.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    // By name only: what a variable holds must not be seen in the list of processes.
    ...secrets.flatMap(([id, variable]) => ["--secret", `id=${id},env=${variable}`]),
  ];
}

/** Buildah before 1.30 does not set BUILDPLATFORM by itself. */
export function buildPlatformArgument(): string[] {
  return ["--build-arg", `BUILDPLATFORM=${hostPlatform()}`];
}

/**
 * The options of `buildah run` and `docker run`.
 * @param workdirFlag the only one that they call differently
 */
export function runOptions(
  { env = {}, workdir, user, mounts = [] }: RunOptions,
  workdirFlag: "--workingdir" | "--workdir",
): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(workdir === undefined ? [] : [workdirFlag, workdir]),
    ...(user === undefined ? [] : ["--user", user]),
    ...mounts.flatMap(({ source, target }) => ["--volume", `${source}:${target}`]),
  ];
}

/** Names the stage that a build shares with others; undefined where it shares none. */
export function sharedStageOf({ shared, platform }: BuildRequest): string | undefined {
  return shared && JSON.stringify([shared.stage, shared.key, platform]);
}

/**
 * Builds each shared stage once. Two builds at a time would both run its steps: the first one does, and the others
 * wait for it. Where it fails it fails for those that wait, and is forgotten: whoever asks next builds it anew, as a
 * failure may pass.
 */
export class SharedStages {
  readonly #stages = new Map<string, Promise<unknown>>();

  /** @throws what `buildStage` throws, of whichever build runs it */
  async build(request: BuildRequest, buildStage: (stage: string) => Promise<unknown>): Promise<void> {
    const id = sharedStageOf(request);
    if (!request.shared || id === undefined) return;
    const building = this.#stages.get(id) ?? buildStage(request.shared.stage);
    this.#stages.set(id, building);
    try {
      await building;
    } catch (error) {
      // Another may have begun anew by now: that one stays.
      if (this.#stages.get(id) === building) this.#stages.delete(id);
      throw error;
    }
  }
}
