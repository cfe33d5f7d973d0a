import { randomUUID } from "node:crypto";
import { hostPlatform } from "../model/platform.ts";
import { type ProcessResult, tryRun } from "../system/process/process.ts";
import type { BuildRequest, RunOptions } from "./engine.ts";

/** The options that `buildah build` and `docker buildx build` share. */
export function buildOptions(request: BuildRequest): string[] {
  const secrets = Object.entries(request.secrets ?? {});
  return [
    "--file",
    request.dockerfile,
    "--platform",
    request.platform,
    ...Object.entries(request.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    // By name only: what a variable holds must not be seen in the list of processes.
    ...secrets.flatMap(([id, variable]) => ["--secret", `id=${id},env=${variable}`]),
  ];
}

/** How `buildah push` and `podman push` compress layers. */
export function pushCompression({ compression }: Pick<BuildRequest, "compression">): string[] {
  if (!compression) return [];
  const { format, level } = compression;
  const levelOption = level === undefined ? [] : ["--compression-level", String(level)];
  return ["--compression-format", format, ...levelOption];
}

/** The same as a part of buildx's `--output`. Forced, as base images come with layers that are compressed already. */
export function outputCompression({ compression }: Pick<BuildRequest, "compression">): string {
  if (!compression) return "";
  const { format, level } = compression;
  const levelOption = level === undefined ? "" : `,compression-level=${level}`;
  return `,compression=${format}${levelOption},force-compression=true`;
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
  { env = {}, workdir, user, mounts = [], isReadOnly = false }: RunOptions,
  workdirFlag: "--workingdir" | "--workdir",
): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(workdir === undefined ? [] : [workdirFlag, workdir]),
    ...(user === undefined ? [] : ["--user", user]),
    ...mounts.flatMap(({ source, target }) => ["--volume", `${source}:${target}`]),
    ...(isReadOnly ? ["--mount", "type=tmpfs,destination=/tmp"] : []),
  ];
}

/**
 * Runs a command in a container of its own, with docker or with podman.
 * @param engine the program, with the options of its store
 * @param flags further options of `run`
 * @param command the image, and what follows the entry point
 */
export async function runOnce(
  engine: readonly string[],
  flags: readonly string[],
  command: readonly string[],
  options: RunOptions,
): Promise<ProcessResult> {
  const name = `birdhouse-${randomUUID()}`;
  const fixed = ["--rm", "--name", name, "--pull", "never", "--network", options.network ?? "none"];
  const own = [...flags, ...(options.isReadOnly ? ["--read-only"] : [])];
  const argv = [...engine, "run", ...fixed, ...own, ...runOptions(options, "--workdir"), ...command];
  try {
    return await tryRun(argv, { signal: options.signal });
  } catch (error) {
    // The command has ended; what it started has a keeper of its own, and may well ignore a SIGTERM.
    await tryRun([...engine, "rm", "--force", name]);
    throw error;
  }
}

/** Names the stage that a build shares with others; undefined where it shares none. */
export function sharedStageOf({ shared, platform }: BuildRequest): string | undefined {
  return shared && JSON.stringify([shared.stage, shared.key, platform]);
}

/**
 * Builds each shared stage once: the first build runs its steps, and the others wait for it. If it fails, it fails for
 * those that wait, and is forgotten: the next build tries it again, as a failure may pass.
 */
export class SharedStages<Made> {
  readonly #stages = new Map<string, Promise<Made>>();

  /**
   * @returns what `buildStage` made; undefined where the build shares none
   * @throws what `buildStage` throws, of whichever build runs it
   */
  async build(
    request: BuildRequest,
    buildStage: (shared: NonNullable<BuildRequest["shared"]>) => Promise<Made>,
  ): Promise<Made | undefined> {
    const id = sharedStageOf(request);
    if (!request.shared || id === undefined) return undefined;
    const building = this.#stages.get(id) ?? buildStage(request.shared);
    this.#stages.set(id, building);
    try {
      return await building;
    } catch (error) {
      // Another may have begun anew by now: that one stays.
      if (this.#stages.get(id) === building) this.#stages.delete(id);
      throw error;
    }
  }
}
