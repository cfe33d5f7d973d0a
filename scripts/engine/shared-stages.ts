import type { BuildRequest } from "./engine.ts";

/** Names the stage that a build shares with others; undefined where it shares none. */
export function sharedStageOf({ shared, platform }: BuildRequest): string | undefined {
  return shared && JSON.stringify([shared.stage, shared.key, platform]);
}

/**
 * Builds each shared stage once. Two builds at a time would both run its steps: the first one does, and the others
 * wait for it. Where it fails it fails for those that wait, and is forgotten: whoever asks next builds it anew, as a
 * failure may pass.
 */
export class SharedStages {
  readonly #stages = new Map<string, Promise<unknown>>();

  /** @throws what `buildStage` throws, of whichever build runs it */
  async build(request: BuildRequest, buildStage: (stage: string) => Promise<unknown>): Promise<void> {
    const id = sharedStageOf(request);
    if (!request.shared || id === undefined) return;
    const building = this.#stages.get(id) ?? buildStage(request.shared.stage);
    this.#stages.set(id, building);
    try {
      await building;
    } catch (error) {
      // Another may have begun anew by now: that one stays.
      if (this.#stages.get(id) === building) this.#stages.delete(id);
      throw error;
    }
  }
}
