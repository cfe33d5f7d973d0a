import type { BuildRequest } from "./engine.ts";

/**
 * Builds each shared stage once. Two builds at a time would both run its steps: the first one does, and
 * the others wait for it (and fail with it).
 */
export class SharedStages {
  readonly #stages = new Map<string, Promise<unknown>>();

  build(request: BuildRequest, buildStage: (stage: string) => Promise<unknown>): Promise<unknown> {
    if (!request.shared) return Promise.resolve();
    const { stage, key } = request.shared;
    const id = JSON.stringify([stage, key, request.platform]);
    const building = this.#stages.get(id) ?? buildStage(stage);
    this.#stages.set(id, building);
    return building;
  }
}
