import { nameInEngine } from "../build/build.ts";
import { type Built, type BuiltRelease, installedVersion, releasedVersion } from "../build/built.ts";
import type { Container, Engine, RunOptions } from "../engine/engine.ts";
import type { LetThrough } from "../model/gate.ts";
import { hostPlatform, type Platform } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import { eachOf, GREETING } from "../model/target.ts";
import type { ProcessResult } from "../system/process/process.ts";
import {
  checkBudget,
  checkContents,
  checkSameVersion,
  checkTrack,
  checkVersionOutput,
  expectSuccess,
  isVersionOutput,
} from "./checks.ts";
import { runChecks } from "./declared.ts";
import {
  manifestOf,
  openInPod,
  platformsInPods,
  type SmokePods,
  type Trials,
  trialsInPod,
} from "./in-pod.ts";
import { hasPassed, rememberPassed } from "./passed.ts";
import {
  APP,
  anybodyFor,
  type Containers,
  checkForAnybody,
  checkPrinting,
  containerOf,
  isScripted,
  runExample,
  runTold,
  withTimeLimit,
} from "./programs.ts";
import { withWorkdir, writeFiles } from "./workdir.ts";

/** What smoke tests need. */
export interface SmokeContext {
  readonly engine: Engine;
  /** Runs the images in place of the engine. */
  readonly pods?: SmokePods;
  /** A directory for the files of the tests; each release gets a folder of its own, removed afterwards. */
  readonly scratch: string;
  /** How an example reaches the registries that its dependencies come from. */
  readonly network: "bridge" | "host";
  /** The folder of an example, as the catalog names it → a copy that nobody edits meanwhile. */
  readonly examples?: ReadonlyMap<string, string>;
  /** Target → what the registry has of it: tells what has grown where a target is over its budget. */
  readonly published?: ReadonlyMap<string, Published | undefined>;
  /** Looks for known vulnerabilities, once everything else is good, and tells what it lets through with a reason. */
  readonly gate?: (release: BuiltRelease) => Promise<readonly LetThrough[]>;
  readonly signal?: AbortSignal | undefined;
  /** How many seconds each command may take, where it is not the usual. */
  readonly seconds?: number;
}

/**
 * A release whose every variant passed. Only `smoke` can make one: the class is private to this file, and
 * nothing else is of its type. So what publishes it cannot be handed an untested image.
 */
class Tested {
  /** Protected, so that nothing that merely has the same fields is of this type. */
  protected readonly hasPassed = true;

  /**
   * @param version the exact one that both variants hold, such as `22.16.0`
   * @param letThrough vulnerabilities that the gate let through with a reason
   */
  constructor(
    readonly release: BuiltRelease,
    readonly version: string,
    readonly letThrough: readonly LetThrough[],
  ) {}
}

export type TestedRelease = Tested;

/** Where the test's files are inside a container. */
const WORKDIR = "/smoke";

/** How many seconds a program that is tested may take, and a command that fetches or compiles. */
const PROGRAM_LIMIT = 60;
const COMPILING_LIMIT = 300;

/**
 * Tests a release: contents, size, version, that what was built in dev runs in runtime, and last of all the
 * gate: what does not pass that cannot be published either.
 * @param resume whether to believe an earlier run that these very images have passed; the gate is asked anew
 * @throws RejectedError that says which variant failed, and at what
 */
export async function smoke(
  release: BuiltRelease,
  context: SmokeContext,
  resume = false,
): Promise<TestedRelease> {
  const version = releasedVersion(release);
  const where = context.pods && `pods ${context.pods.platforms.join()}`;
  if (!resume || !(await hasPassed(release, where))) {
    await test(release, version, context);
    await rememberPassed(release, where);
  }
  const letThrough = (await context.gate?.(release)) ?? [];
  return new Tested(release, version, letThrough);
}

async function test(release: BuiltRelease, version: string, context: SmokeContext): Promise<void> {
  for (const built of eachOf(release)) {
    checkContents(built);
    checkBudget(built, context.published?.get(built.target.name)?.sizes);
    checkTrack(built, version);
    checkSameVersion(built);
  }
  const trials = trialsOf(release, context);
  for (const platform of context.pods ? platformsInPods(release, context.pods) : [hostPlatform()]) {
    await tryPrograms(release, trials, platform, context);
  }
}

async function tryPrograms(
  release: BuiltRelease,
  trials: Trials,
  platform: Platform,
  context: SmokeContext,
): Promise<void> {
  const { checks, example } = trials;
  await withContainers(release, trials, platform, context, async (containers) => {
    const { seconds = COMPILING_LIMIT, signal } = context;
    const timed = {
      dev: withTimeLimit(release.dev, containers.dev, seconds, signal),
      runtime: withTimeLimit(release.runtime, containers.runtime, seconds, signal),
    };
    await withWorkdir(context.scratch, async (directory) => {
      const { smoke } = release.runtime.target;
      await writeFiles(directory, Object.assign({}, smoke.files, ...checks.map(({ files }) => files)));
      // dev first: it compiles what the others then run.
      for (const built of [release.dev, release.runtime, ...(release.debug ? [release.debug] : [])]) {
        await runPrograms(built, containerOf(built, containers), directory, context);
      }
      if (release.debug) await checkShell(release.debug, containerOf(release.debug, containers));
      await runChecks({ release, checks, containers: timed, directory, options: inWorkdir(directory) });
    });
    if (!example) return;
    const pinned = { ...example, directory: context.examples?.get(example.directory) ?? example.directory };
    await withWorkdir(context.scratch, (directory) =>
      runExample(pinned, release, timed, directory, context.network),
    );
  });
}

/** What there is to try beside the smoke test, as far as it can be tried where the images run. */
function trialsOf({ runtime: { target } }: BuiltRelease, { pods }: SmokeContext): Trials {
  const { checks = [], example } = target;
  if (!pods) return { checks, example };
  const { leftOut, ...trials } = trialsInPod({ checks, example }, target.name);
  for (const text of leftOut) pods.note(text);
  return trials;
}

async function withContainers(
  release: BuiltRelease,
  trials: Trials,
  platform: Platform,
  { engine, pods, scratch, signal }: SmokeContext,
  use: (containers: Containers) => Promise<void>,
): Promise<void> {
  if (pods) {
    const pod = await openInPod(release, trials, pods, {
      platform,
      scratch,
      folders: [WORKDIR, APP],
      signal,
    });
    try {
      return await use(pod.containers);
    } finally {
      await pod.remove();
    }
  }
  const opened: Container[] = [];
  const open = async (built: Built) => {
    const container = await openContainer(built, platform, engine);
    opened.push(container);
    return container;
  };
  try {
    const dev = await open(release.dev);
    const runtime = await open(release.runtime);
    await use({ dev, runtime, ...(release.debug && { debug: await open(release.debug) }) });
  } finally {
    for (const container of opened.reverse()) await container.remove();
  }
}

/** What debug is for: a shell in it, with tools. */
async function checkShell(built: Built, container: Container): Promise<void> {
  const script = `ls / > /dev/null && echo "${GREETING}"`;
  await checkPrinting(built, container, ["/bin/sh", "-c", script], {});
}

async function runPrograms(built: Built, inEngine: Container, directory: string, context: SmokeContext) {
  const { version, build, run } = built.target.smoke;
  const { seconds, signal } = context;
  const container = withTimeLimit(built, inEngine, seconds ?? PROGRAM_LIMIT, signal);
  const compiling = withTimeLimit(built, inEngine, seconds ?? COMPILING_LIMIT, signal);
  const options = inWorkdir(directory);
  if (version && installedVersion(built) !== undefined) {
    const isRight = (result: ProcessResult) => isVersionOutput(built, result);
    checkVersionOutput(built, await runTold(container, version, options, isRight));
  }
  if (build && built.target.variant === "dev") expectSuccess(built, await compiling.run(build, options));
  await checkPrinting(built, container, run, options);
  // As the kernel starts a script that begins with `#!/usr/bin/env node`.
  const again = isScripted(built.target) ? ["/usr/bin/env", ...run] : run;
  const anybody = anybodyFor(built.target);
  if (anybody !== undefined) await checkForAnybody(built, container, again, options, anybody);
  else if (isScripted(built.target)) await checkPrinting(built, container, again, options);
}

/** With the files of the tests, where they are. */
function inWorkdir(directory: string): RunOptions {
  return { mounts: [{ source: directory, target: WORKDIR }], workdir: WORKDIR };
}

/**
 * Foreign platforms cannot be run here: the host's own runs for all. What they are made of is checked of each, and
 * that its programs are of its architecture when it is built.
 */
function openContainer(built: Built, platform: Platform, engine: Engine): Promise<Container> {
  const { target, layout } = built;
  const name = nameInEngine(target);
  return engine.open({ name, layout, manifest: manifestOf(built, platform), platform });
}
