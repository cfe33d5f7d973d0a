import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unmountBelow } from "../system/mounts.ts";
import { type ProcessResult, run, tryRun } from "../system/process.ts";
import { buildOptions, buildPlatformArgument, runOptions } from "./arguments.ts";
import type { BuildRequest, Container, Engine, ImageReference, RunOptions } from "./engine.ts";
import { SharedStages } from "./shared-stages.ts";

/** Isolation by chroot: needs neither cgroups nor a runtime, and shares the host's network. */
const ISOLATION = ["--isolation", "chroot"];

/**
 * buildah, which needs no daemon. Each run has a store of its own below `directory`, removed at the end:
 * that bounds the disk, keeps layers from outliving the package index they were made from, and leaves the
 * machine's own images alone.
 */
export async function openBuildah(directory: string): Promise<Engine> {
  const { stdout } = await run(["buildah", "--version"]);
  await mkdir(directory, { recursive: true });
  await removeAbandonedStores(directory);
  const store = await mkdtemp(join(directory, `${process.pid}-`));
  return new Buildah(`buildah ${stdout.match(/version (\S+)/)?.[1] ?? ""}`.trim(), store);
}

class Buildah implements Engine {
  readonly name = "buildah";
  readonly #buildah: readonly string[];
  readonly #sharedStages = new SharedStages();
  #containers = 0;

  constructor(
    readonly title: string,
    readonly store: string,
  ) {
    this.#buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  }

  async build(request: BuildRequest): Promise<void> {
    await this.#sharedStages.build(request, (stage) =>
      this.#runBuild(request, ["--layers", "--target", stage]),
    );
    const tag = `localhost/${request.name}:${request.platform.replace("/", "-")}`;
    // Layers are kept where there is a shared stage to start from; else steps need not be committed apart.
    await this.#runBuild(request, [`--layers=${request.shared !== undefined}`, "--tag", tag]);
    await this.#run(["push", "--format", "oci", tag, `oci:${request.layout}`], request.signal);
  }

  async open(image: ImageReference): Promise<Container> {
    const name = `${image.name}-${++this.#containers}`;
    // buildah names the image after the layout's path, and not every path makes a name: a link in the
    // store's own directory, seen from there, does.
    await symlink(resolve(image.layout), join(this.store, name));
    await run([...this.#buildah, "from", "--name", name, "--platform", image.platform, `oci:${name}`], {
      cwd: this.store,
    });
    return {
      run: (argv, options = {}) => this.#runIn(name, argv, options),
      remove: async () => void (await tryRun([...this.#buildah, "rm", name])),
    };
  }

  async close(): Promise<void> {
    await removeStore(this.store);
  }

  #runBuild(request: BuildRequest, options: readonly string[]): Promise<ProcessResult> {
    return this.#run(
      [
        ...["build", ...ISOLATION, "--format", "oci", "--timestamp", "0"],
        ...["--identity-label=false", ...(request.insecureBase ? ["--tls-verify=false"] : [])],
        ...[...buildPlatformArgument(), ...buildOptions(request), ...options],
        dirname(request.dockerfile),
      ],
      request.signal,
    );
  }

  #runIn(container: string, argv: readonly string[], options: RunOptions): Promise<ProcessResult> {
    const command = ["run", ...ISOLATION, ...runOptions(options, "--workingdir"), container, "--", ...argv];
    return tryRun([...this.#buildah, ...command], options.signal ? { signal: options.signal } : {});
  }

  #run(command: readonly string[], signal?: AbortSignal): Promise<ProcessResult> {
    return run([...this.#buildah, ...command], signal ? { signal } : {});
  }
}

/** Stores are named after the process that made them; those of processes long gone are removed. */
async function removeAbandonedStores(directory: string): Promise<void> {
  for (const store of await readdir(directory)) {
    if (!isAlive(Number.parseInt(store, 10))) await removeStore(join(directory, store));
  }
}

async function removeStore(store: string): Promise<void> {
  await unmountBelow(store);
  await rm(store, { recursive: true, force: true });
}

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Refused: it lives, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
