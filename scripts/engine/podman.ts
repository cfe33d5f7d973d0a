import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeLink } from "../system/files/files.ts";
import { type ProcessResult, run, tryRun } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { BuildahBuilder } from "./buildah.ts";
import type { BuildRequest, Container, Engine, LocalImage, RunOptions } from "./engine.ts";
import { runOptions } from "./requests.ts";

/**
 * podman, which needs no daemon either. runc runs its containers where it is there: crun refuses machines that mix both
 * kinds of cgroups, as many virtual ones do. @param directory of its stores, each of one run, as buildah's are
 */
export async function openPodman(directory: string): Promise<Engine> {
  const { stdout } = await run(["podman", "--version"]);
  const runtime = (await isInstalled("runc")) ? ["--runtime", "runc"] : [];
  const title = `podman ${stdout.match(/version (\S+)/)?.[1] ?? ""}`.trim();
  const store = await makeRunFolder(directory);
  // Of this one podman takes no path that is longer than 50 characters.
  const states = join(tmpdir(), "birdhouse");
  for (const abandoned of await abandonedIn(states)) await removeRunFolder(abandoned);
  const state = await makeRunFolder(states);
  return new Podman(title, store, state, runtime);
}

/**
 * What podman would otherwise ask for is more than a container on a restricted machine may have, where the kernel then
 * refuses to start it.
 */
const LIMITS = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"];

class Podman implements Engine {
  readonly name = "podman";
  readonly #podman: readonly string[];
  readonly #builder: BuildahBuilder;
  #images = 0;

  constructor(
    readonly title: string,
    readonly store: string,
    readonly state: string,
    runtime: readonly string[],
  ) {
    this.#podman = [
      "podman",
      "--root",
      join(store, "root"),
      "--runroot",
      state,
      "--cgroup-manager",
      "cgroupfs",
      ...runtime,
    ];
    this.#builder = new BuildahBuilder(this.#podman, store);
  }

  build(request: BuildRequest): Promise<void> {
    return this.#builder.build(request);
  }

  async open(image: LocalImage): Promise<Container> {
    const name = `${image.name}-${++this.#images}`;
    // podman names the image after the layout's path, and not every path makes a name.
    await makeLink(resolve(image.layout), join(this.store, name));
    const pull = [...this.#podman, "pull", "--quiet", "--platform", image.platform, `oci:${name}`];
    const id = (await run(pull, { cwd: this.store })).stdout.trim().split("\n").at(-1) ?? "";
    return {
      run: (argv, options = {}) => this.#runIn(id, image, argv, options),
      remove: async () => void (await tryRun([...this.#podman, "rmi", "--force", id])),
    };
  }

  async close(): Promise<void> {
    await removeRunFolder(this.state);
    await removeRunFolder(this.store);
  }

  async #runIn(
    id: string,
    image: LocalImage,
    [program = "", ...args]: readonly string[],
    options: RunOptions,
  ): Promise<ProcessResult> {
    const network = ["--network", options.network ?? "none"];
    const container = `birdhouse-${randomUUID()}`;
    const fixed = [
      "--rm",
      "--name",
      container,
      "--pull",
      "never",
      ...network,
      ...LIMITS,
      "--platform",
      image.platform,
    ];
    const entry = ["--entrypoint", JSON.stringify([program])];
    const argv = [
      ...this.#podman,
      "run",
      ...fixed,
      ...entry,
      ...runOptions(options, "--workdir"),
      id,
      ...args,
    ];
    try {
      return await tryRun(argv, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      // The command has ended; what it started has a keeper of its own, and may well ignore a SIGTERM.
      await tryRun([...this.#podman, "rm", "--force", container]);
      throw error;
    }
  }
}
