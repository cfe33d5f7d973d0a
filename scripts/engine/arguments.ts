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
