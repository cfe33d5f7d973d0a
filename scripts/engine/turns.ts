/**
 * Builds that have a stage in common take turns. buildah keeps what a stage came to as an image of its store until the build
 * has ended; two that come out the same are one image there, which whoever ends first removes, and the other one fails
 * ("layer not known", "image not known", "identifier is not an image"). Source: containers/buildah,
 * imagebuildah/executor.go
 */
export class StageTurns {
  /** Builds that run, each with its stages. */
  readonly #running = new Map<Promise<void>, ReadonlySet<string>>();

  /** Builds as soon as none runs that has a stage of these. @throws what `build` throws */
  async take<T>(stages: ReadonlySet<string>, build: () => Promise<T>): Promise<T> {
    for (let other = this.#other(stages); other; other = this.#other(stages)) await other;
    const built = build();
    const ended = built.then(
      () => {},
      () => {},
    );
    this.#running.set(ended, stages);
    try {
      return await built;
    } finally {
      this.#running.delete(ended);
    }
  }

  #other(stages: ReadonlySet<string>): Promise<void> | undefined {
    for (const [ended, theirs] of this.#running) {
      if ([...theirs].some((stage) => stages.has(stage))) return ended;
    }
    return undefined;
  }
}

/** The stages of a Dockerfile that are only for others: all but the last, as they are written. Pure. */
export function passingStages(dockerfile: string): ReadonlySet<string> {
  const [, ...stages] = dockerfile.split(/^FROM /m);
  return new Set(stages.slice(0, -1));
}
