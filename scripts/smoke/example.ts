import type { BuiltRelease } from "../build/release.ts";
import type { Container, RunOptions } from "../engine/engine.ts";
import type { Example } from "../model/target.ts";
import { copyTree, setMode } from "../system/files/files.ts";
import { checkOutput, expectSuccess } from "./checks.ts";
import { runPrinting } from "./printing.ts";

/** Both variants of a release, ready to run. */
export interface Containers {
  readonly dev: Container;
  readonly runtime: Container;
}

/** Where an app is inside a container: the directory that dev works in, and that examples' READMEs name. */
const APP = "/usr/src/app";

/**
 * Does what the example's README tells a consumer to type: fetches the app's dependencies, tests and compiles
 * it in dev, and runs it in runtime.
 *
 * @param directory an empty directory that the app is copied to
 * @param options the network that fetching and compiling have
 * @throws RejectedError at the first step that fails, or when the app prints something else
 */
export async function runExample(
  example: Example,
  release: BuiltRelease,
  { dev, runtime }: Containers,
  directory: string,
  options: Pick<RunOptions, "network">,
): Promise<void> {
  await copyTree(example.directory, directory);
  await setMode(directory, 0o755);
  const inApp: RunOptions = { ...options, mounts: [{ source: directory, target: APP }], workdir: APP };
  const steps = [example.dependencies, example.test, example.build].filter((step) => step !== undefined);
  for (const step of steps) expectSuccess(release.dev, await dev.run(step, inApp), step);
  // The app itself has no business in the network.
  const result = await runPrinting(runtime, example.run, { ...inApp, network: "none" });
  checkOutput(release.runtime, result, example.output);
}
