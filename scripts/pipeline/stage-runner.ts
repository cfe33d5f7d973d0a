import { RejectedError, type Stage } from "../model/run.ts";
import { messageOf } from "../system/errors.ts";
import type { Listener } from "./events.ts";
import { hintOf } from "./hint.ts";

/** Which target failed at which stage; the message is the cause's, with what to do about it if that is known. */
export class StageError extends Error {
  constructor(
    readonly target: string,
    readonly stage: Stage,
    cause: unknown,
  ) {
    const hint = hintOf(cause);
    super(messageOf(cause) + (hint === undefined ? "" : `\n→ ${hint}`), { cause });
  }
}

export interface StageRunnerOptions {
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** Runs stages, tells the listener, and keeps how long each took. */
export class StageRunner {
  readonly #options: StageRunnerOptions;
  readonly #seconds = new Map<string, Record<Stage, number>>();

  constructor(options: StageRunnerOptions) {
    this.#options = options;
  }

  /** Runs one stage, which may concern several targets. @throws StageError */
  async run<T>(targets: readonly [string, ...string[]], stage: Stage, work: () => Promise<T>): Promise<T> {
    this.#options.signal.throwIfAborted();
    for (const target of targets) this.#options.listener({ type: "started", target, stage });
    const start = performance.now();
    try {
      const result = await work();
      this.#finish(targets, stage, (performance.now() - start) / 1000);
      return result;
    } catch (error) {
      throw this.fail(targets, stage, error);
    }
  }

  /** How long the stages of a target took, in seconds. */
  secondsOf(target: string): Record<Stage, number> {
    return this.#seconds.get(target) ?? { build: 0, smoke: 0, publish: 0 };
  }

  #finish(targets: readonly string[], stage: Stage, seconds: number): void {
    for (const target of targets) {
      this.#seconds.set(target, { ...this.secondsOf(target), [stage]: seconds });
      this.#options.listener({ type: "finished", target, stage, seconds });
    }
  }

  /** Tells of a failure. A smoke test names the target that failed; otherwise it is the first one. */
  fail(targets: readonly [string, ...string[]], stage: Stage, error: unknown): StageError {
    const target = error instanceof RejectedError ? error.target : targets[0];
    const failure = new StageError(target, stage, error);
    // Interrupted is not failed: what was under way has no say in the matter.
    if (!this.#options.signal.aborted) {
      this.#options.listener({ type: "failed", target, stage, message: failure.message });
    }
    return failure;
  }
}
