import type { BuildRequest } from "./engine.ts";

/** Names the stage that a build shares with others; undefined where it shares none. */
export function sharedStageOf({ shared, platform }: BuildRequest): string | undefined {
  return shared && JSON.stringify([shared.stage, shared.key, platform]);
}

/**
 * Builds each shared stage once. Two builds at a time would both run its steps: the first one does, and
 * the others wait for it (and fail with it). A failure is not remembered: whoever comes later, as a second
 * attempt does, builds it anew.
 */
export class SharedStages {
  readonly #stages = new Map<string, Promise<unknown>>();

  build(request: BuildRequest, buildStage: (stage: string) => Promise<unknown>): Promise<unknown> {
    const id = sharedStageOf(request);
    if (!request.shared || id === undefined) return Promise.resolve();
    const building = this.#stages.get(id) ?? buildStage(request.shared.stage);
    this.#stages.set(id, building);
    building.catch(() => {
      if (this.#stages.get(id) === building) this.#stages.delete(id);
    });
    return building;
  }
}
