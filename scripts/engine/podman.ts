import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tryRun } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { BuildahBuilder, linkLayout } from "./buildah.ts";
import type { BuildRequest, Container, Engine, LocalImage } from "./engine.ts";
import { runOnce } from "./requests.ts";

/**
 * podman, which needs no daemon either. runc runs its containers if it is installed: crun refuses machines that mix both
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
 * podman's own limits are higher than a restricted machine allows, and the kernel would refuse to start the container.
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
    const stores = ["--root", join(store, "root"), "--runroot", state];
    this.#podman = ["podman", ...stores, "--cgroup-manager", "cgroupfs", ...runtime];
    this.#builder = new BuildahBuilder(this.#podman, store);
  }

  build(request: BuildRequest): Promise<void> {
    return this.#builder.build(request);
  }

  async open(image: LocalImage): Promise<Container> {
    const name = `${image.name}-${++this.#images}`;
    const source = await linkLayout(image.layout, this.store, name);
    const platform = ["--platform", image.platform];
    const pulled = await run([...this.#podman, "pull", "--quiet", ...platform, source], { cwd: this.store });
    const id = pulled.stdout.trim().split("\n").at(-1) ?? "";
    return {
      run: ([program, ...args], options = {}) => {
        const flags = [...LIMITS, ...platform, "--entrypoint", JSON.stringify([program])];
        return runOnce(this.#podman, flags, [id, ...args], options);
      },
      remove: async () => void (await tryRun([...this.#podman, "rmi", "--force", id])),
    };
  }

  async close(): Promise<void> {
    await removeRunFolder(this.state);
    await removeRunFolder(this.store);
  }
}
