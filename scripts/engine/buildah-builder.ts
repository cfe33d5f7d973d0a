import { dirname, join } from "node:path";
import { type ProcessResult, run } from "../system/process/process.ts";
import { buildOptions, buildPlatformArgument } from "./arguments.ts";
import { CompressedLayers } from "./compressed-layers.ts";
import type { BuildRequest } from "./engine.ts";
import { SharedStages, sharedStageOf } from "./shared-stages.ts";

/** Isolation by chroot: needs neither cgroups nor a runtime, and shares the host's network. */
export const ISOLATION = ["--isolation", "chroot"];

/** Builds with buildah, or with podman, which has buildah inside and takes the same options. */
export class BuildahBuilder {
  readonly #command: readonly string[];
  readonly #sharedStages = new SharedStages();
  readonly #layers: CompressedLayers;

  /**
   * @param command the program, with the options of its store
   * @param store its directory: layers that images share are kept there too
   */
  constructor(command: readonly string[], store: string) {
    this.#command = command;
    this.#layers = new CompressedLayers(join(store, "layers"));
  }

  /** As `Engine.build`. @throws CommandError when a step of the Dockerfile fails */
  async build(request: BuildRequest): Promise<void> {
    await this.#sharedStages.build(request, (stage) =>
      this.#runBuild(request, ["--layers", "--target", stage]),
    );
    const tag = `localhost/${request.name}:${request.platform.replace("/", "-")}`;
    // Layers are kept where there is a shared stage to start from; else steps need not be committed apart.
    await this.#runBuild(request, [`--layers=${request.shared !== undefined}`, "--tag", tag]);
    await this.#export(tag, request);
  }

  async #export(tag: string, request: BuildRequest): Promise<void> {
    const { layout, signal } = request;
    const key = sharedStageOf(request);
    if (key !== undefined) await this.#layers.layOut(key, layout);
    await this.#run(["push", "--format", "oci", tag, `oci:${layout}`], signal);
    if (key !== undefined) await this.#layers.complete(key, layout);
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

  #run(command: readonly string[], signal?: AbortSignal): Promise<ProcessResult> {
    return run([...this.#command, ...command], signal ? { signal } : {});
  }
}
