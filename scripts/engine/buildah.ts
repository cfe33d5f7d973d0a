import { join, resolve } from "node:path";
import { makeLink } from "../system/files/files.ts";
import { type ProcessResult, run, tryRun } from "../system/process/process.ts";
import { makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { runOptions } from "./arguments.ts";
import { BuildahBuilder, ISOLATION } from "./buildah-builder.ts";
import type { BuildRequest, Container, Engine, LocalImage, RunOptions } from "./engine.ts";
import { storeOptions } from "./store.ts";

/**
 * buildah, which needs no daemon. Its store is of this run alone, and removed at its end: that bounds the disk, keeps
 * layers from outliving the package index they were made from, and leaves the machine's own images alone.
 * @param directory of the stores
 */
export async function openBuildah(directory: string): Promise<Engine> {
  const { stdout } = await run(["buildah", "--version"]);
  const store = await makeRunFolder(directory);
  return new Buildah(`buildah ${stdout.match(/version (\S+)/)?.[1] ?? ""}`.trim(), store);
}

class Buildah implements Engine {
  readonly name = "buildah";
  readonly #buildah: readonly string[];
  readonly #builder: BuildahBuilder;
  #containers = 0;

  constructor(
    readonly title: string,
    readonly store: string,
  ) {
    this.#buildah = ["buildah", ...storeOptions(store)];
    this.#builder = new BuildahBuilder(this.#buildah, store);
  }

  build(request: BuildRequest): Promise<void> {
    return this.#builder.build(request);
  }

  async open(image: LocalImage): Promise<Container> {
    const name = `${image.name}-${++this.#containers}`;
    // buildah names the image after the layout's path, and not every path makes a name: a link in the
    // store's own directory, seen from there, does.
    await makeLink(resolve(image.layout), join(this.store, name));
    await run([...this.#buildah, "from", "--name", name, "--platform", image.platform, `oci:${name}`], {
      cwd: this.store,
    });
    return {
      run: (argv, options = {}) => this.#runIn(name, argv, options),
      remove: async () => void (await tryRun([...this.#buildah, "rm", name])),
    };
  }

  async close(): Promise<void> {
    await removeRunFolder(this.store);
  }

  #runIn(container: string, argv: readonly string[], options: RunOptions): Promise<ProcessResult> {
    const command = ["run", ...ISOLATION, ...runOptions(options, "--workingdir"), container, "--", ...argv];
    return tryRun([...this.#buildah, ...command], options.signal ? { signal: options.signal } : {});
  }
}
