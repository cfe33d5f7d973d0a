import type { Built, BuiltRelease } from "../build/built.ts";
import type { Container, RunOptions } from "../engine/engine.ts";
import { KNOWN_USERS } from "../model/configuration.ts";
import { RejectedError } from "../model/run.ts";
import { type Example, GREETING, type OfVariants, type Target } from "../model/target.ts";
import { copyTree, setMode } from "../system/files/files.ts";
import type { ProcessResult } from "../system/process/process.ts";
import { commandLine } from "../system/shown/started.ts";
import { checkOutput, expectSuccess, isOutput } from "./checks.ts";

/** All variants of a release, ready to run. */
export type Containers = OfVariants<Container>;

/** That of one of them. @throws Error where it has not been opened */
export function containerOf({ target }: Built, containers: Containers): Container {
  const container = containers[target.variant];
  if (!container) throw new Error(`no container of ${target.name} was opened`);
  return container;
}

/** Where an app is inside a container: the directory that dev works in, and that examples' READMEs name. */
export const APP = "/usr/src/app";

/**
 * Does what the example's README tells a consumer to type: fetches the app's dependencies, tests and compiles
 * it in dev, and runs it in runtime.
 *
 * @param directory an empty directory that the app is copied to
 * @param network what fetching and compiling have
 * @throws RejectedError at the first step that fails, or when the app prints something else
 */
export async function runExample(
  example: Example,
  release: BuiltRelease,
  { dev, runtime }: Containers,
  directory: string,
  network: "bridge" | "host",
): Promise<void> {
  await copyTree(example.directory, directory);
  await setMode(directory, 0o755);
  const inApp: RunOptions = { network, mounts: [{ source: directory, target: APP }], workdir: APP };
  const steps = [example.dependencies, example.test, example.build].filter((step) => step !== undefined);
  for (const step of steps) expectSuccess(release.dev, await dev.run(step, inApp), step);
  // The app itself needs no network.
  const alone: RunOptions = { ...inApp, network: "none" };
  await checkPrinting(release.runtime, runtime, example.run, alone, example.output);
}

/** How many times a program is run whose words may have been lost. */
const ATTEMPTS = 3;

/**
 * Runs a program whose words are looked at, and again where the engine may have lost the end of them. A program that
 * prints one thing and then another is not run until it prints the right one.
 * @param isRight whether it ended and printed as it should
 * @returns what came of it at last, right or wrong
 */
export async function runTold(
  container: Container,
  argv: readonly string[],
  options: RunOptions,
  isRight: (result: ProcessResult) => boolean,
): Promise<ProcessResult> {
  let result = await container.run(argv, options);
  for (let attempt = 1; container.losesOutput && attempt < ATTEMPTS && !isRight(result); attempt++) {
    const again = await container.run(argv, options);
    if (again.exitCode !== result.exitCode || !again.stdout.startsWith(result.stdout)) break;
    result = again;
  }
  return result;
}

/**
 * Runs a program that prints something in the end, and checks it.
 * @throws RejectedError as `checkOutput`
 */
export async function checkPrinting(
  built: Built,
  container: Container,
  argv: readonly string[],
  options: RunOptions,
  expected = GREETING,
): Promise<void> {
  const result = await runTold(container, argv, options, (printed) => isOutput(printed, expected));
  checkOutput(built, result, expected);
}

/** Neither root nor a user that an image could have been made for. */
const ANYBODY = "1000:1000";

/** The package that is `/usr/bin/env` alone. */
const ENV = "coreutils-env";

/** Whether an image has what starts a script that begins with `#!/usr/bin/env node`. */
export function isScripted({ world }: Target): boolean {
  return world.includes(ENV);
}

/** Who an image is run as once more, with nothing to write to but `/tmp`; undefined where it is not. */
export function anybodyFor(target: Target): string | undefined {
  const { smoke, variant, user } = target;
  if (smoke.writes || (variant !== "runtime" && !isScripted(target))) return undefined;
  const isOwn = variant !== "dev" && user.name !== KNOWN_USERS.nonroot.name;
  return isOwn ? `${user.uid}:${user.gid}` : ANYBODY;
}

/**
 * Runs a program as clusters do, and `docker run --user "$(id -u)" --read-only --tmpfs /tmp`. Who has another user than
 * `nonroot` made for an image stays that user.
 * @throws RejectedError as `checkOutput`
 */
export async function checkForAnybody(
  built: Built,
  container: Container,
  argv: readonly string[],
  options: RunOptions,
  who: string,
): Promise<void> {
  const { name } = built.target;
  try {
    await checkPrinting(built, container, argv, { ...options, user: who, isReadOnly: true });
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    // At the end, since a failure is shown by the last of what was printed.
    const how = `it ran as user ${who}, with nothing to write to but /tmp`;
    throw new RejectedError(
      name,
      `${error.message}\n→ ${how}; where it needs more, say smoke.writes: true in the catalog`,
    );
  }
}

/** How much of a command a message shows, in UTF-16 units: some are whole programs. */
const SHOWN = 200;

/**
 * A container each of whose commands is ended when it takes too long: a program that hangs fails its own
 * test, and not the whole run. Its `run` throws a RejectedError then.
 * @param seconds how long each command may take
 * @param signal aborted when the whole run ends
 */
export function withTimeLimit(
  { target }: Built,
  container: Container,
  seconds: number,
  signal: AbortSignal | undefined,
): Container {
  return {
    ...(container.losesOutput && { losesOutput: true }),
    async run(argv, options = {}) {
      const timeout = AbortSignal.timeout(seconds * 1000);
      try {
        const ending = AbortSignal.any(signal ? [timeout, signal] : [timeout]);
        return await container.run(argv, { ...options, signal: ending });
      } catch (error) {
        // Whoever ends the whole run is the reason then, even if the time was up as well.
        if (!timeout.aborted || signal?.aborted) throw error;
        throw new RejectedError(
          target.name,
          `${target.name}: \`${shortened(commandLine(argv))}\` did not end within ${seconds} s`,
        );
      }
    },
    remove: () => container.remove(),
  };
}

/** In one line, shortened. */
function shortened(command: string): string {
  const line = command.replaceAll(/\s+/g, " ");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
