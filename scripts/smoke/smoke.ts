import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostPlatform } from "../alpine/platform.ts";
import { nameInEngine } from "../build/build.ts";
import { type Built, installedVersion } from "../build/built.ts";
import { type BuiltRelease, imagesOf, releasedVersion } from "../build/release.ts";
import type { Container, Engine } from "../engine/engine.ts";
import { checkContents, checkGreeting, checkTrack, checkVersionOutput, expectSuccess } from "./checks.ts";

/** What smoke tests need of the world. */
export interface SmokeContext {
  readonly engine: Engine;
  /** A directory for the files of the tests; each release gets a folder of its own, removed afterwards. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/**
 * A release whose every variant passed. Only `smoke` can make one: the class is private to this file, and
 * nothing else is of its type. So what publishes it cannot be handed an untested image.
 */
class Tested {
  readonly #release: BuiltRelease;

  constructor(
    release: BuiltRelease,
    /** The exact version that both variants hold, such as `22.16.0`. */
    readonly version: string,
  ) {
    this.#release = release;
  }

  get release(): BuiltRelease {
    return this.#release;
  }
}

export type TestedRelease = Tested;

/** Where the test's files are inside a container. */
const WORKDIR = "/smoke";

/** A program that hangs is a failure, not a night without images. */
const TIME_LIMIT_MS = 5 * 60_000;

/**
 * Tests a release: contents, version, and that what was built in dev runs in runtime.
 * @throws SmokeError that says which variant failed, and at what
 */
export async function smoke(release: BuiltRelease, context: SmokeContext): Promise<TestedRelease> {
  const version = releasedVersion(release);
  for (const built of imagesOf(release)) {
    checkContents(built);
    checkTrack(built, version);
  }
  await withWorkdir(release, context, (directory) => runPrograms(release, context, directory));
  return new Tested(release, version);
}

async function runPrograms(release: BuiltRelease, context: SmokeContext, directory: string): Promise<void> {
  // dev first: it compiles what runtime then runs.
  for (const built of [release.dev, release.runtime]) {
    const container = await openContainer(built, context.engine);
    try {
      await runProgramsOf(built, container, directory, context.signal);
    } finally {
      await container.remove();
    }
  }
}

async function runProgramsOf(built: Built, container: Container, directory: string, signal?: AbortSignal) {
  const { version, build, run } = built.target.smoke;
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const options = {
    mounts: [{ source: directory, target: WORKDIR }],
    workdir: WORKDIR,
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  };
  if (version && installedVersion(built) !== undefined) {
    checkVersionOutput(built, await container.run(version, options));
  }
  if (build && built.target.variant === "dev") expectSuccess(built, await container.run(build, options));
  checkGreeting(built, await container.run(run, options));
}

/** Foreign platforms cannot be run here: the host's own stands for all. */
function openContainer({ target, layout, platforms }: Built, engine: Engine): Promise<Container> {
  const built = platforms.find(({ platform }) => platform === hostPlatform());
  if (!built) throw new Error(`${target.name} was not built for this machine's platform, ${hostPlatform()}`);
  return engine.open({
    name: nameInEngine(target),
    layout,
    manifest: built.manifest,
    platform: built.platform,
  });
}

async function withWorkdir(
  { runtime: { target } }: BuiltRelease,
  { scratch }: SmokeContext,
  use: (directory: string) => Promise<void>,
): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(join(scratch, "smoke-"));
  try {
    // The runtime image's user, who is not the one that runs us, must see the files whatever our umask is.
    await chmod(directory, 0o755);
    for (const [name, content] of Object.entries(target.smoke.files)) {
      const path = join(directory, name);
      await writeFile(path, content);
      await chmod(path, 0o644);
    }
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
