import type { LimitFunction } from "p-limit";
import { type BuildContext, build } from "../build/build.ts";
import { type Built, type BuiltRelease, requirePlatforms } from "../build/built.ts";
import { readBuilt } from "../build/layouts.ts";
import { verifyBuild } from "../build/verify.ts";
import type { Engine } from "../engine/engine.ts";
import { RejectedError, STAGES, type Stage } from "../model/run.ts";
import { eachOf, type OfVariants } from "../model/target.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { type PublishContext, type PublishedImage, publish } from "../publish/publish.ts";
import { type SmokeContext, smoke } from "../smoke/smoke.ts";
import { messageOf } from "../system/errors.ts";
import type { Done, Failed, Listener, Outcome } from "./events.ts";
import { StageError } from "./hint.ts";
import { withPatience } from "./patience.ts";
import { reusable } from "./reuse.ts";

/** What the stages need, each in its own part. */
export interface PipelineContext {
  readonly build: BuildContext;
  /** Builds everything once more, to see whether it comes out the same. */
  readonly verifyWith?: Engine;
  readonly smoke: SmokeContext;
  readonly publish: PublishContext;
  /** Which stages to run, from the first to the last. Without `build`, what an earlier build left is taken. */
  readonly first: Stage;
  readonly last: Stage;
  /** How many releases are worked on at once. */
  readonly limit: LimitFunction;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  /** Take what an earlier run built and tested, where it would come out the same. */
  readonly resume: boolean;
  /** Whether no other release may be started any more: the run's deadline has passed. */
  readonly isLate: () => boolean;
}

/** All variants of one version. They are built apart, and tested and published together. */
export type PlannedRelease = OfVariants<PlannedTarget>;

/**
 * Takes releases through the stages, each as far as it comes: a failure in one stops no other.
 * @throws only when interrupted by the signal
 */
export async function runPipeline(
  releases: readonly PlannedRelease[],
  context: PipelineContext,
): Promise<Outcome[]> {
  // Whole releases wait for their turn, not stages: the first are published while the last are not begun.
  const work = releases.map((release) =>
    context.limit(() => {
      context.signal.throwIfAborted();
      if (!context.isLate()) return runRelease(release, context);
      return leaveUnstarted(eachOf(release), context.listener);
    }),
  );
  // An interruption ends the run only when no work is in progress any more: tags of a release move together.
  await Promise.allSettled(work);
  return (await Promise.all(work)).flat();
}

/** What becomes of targets whose turn did not come before the deadline. */
export function leaveUnstarted(planned: readonly PlannedTarget[], listener: Listener): Outcome[] {
  return planned.map(({ target: { name } }) => {
    listener({ type: "unstarted", target: name });
    return { status: "unstarted", target: name };
  });
}

async function runRelease(release: PlannedRelease, context: PipelineContext): Promise<Outcome[]> {
  const stages = new StageRunner(context);
  const names = namesOf(release);
  const obtained = await Promise.allSettled(eachOf(release).map((one) => obtain(one, context, stages)));
  context.signal.throwIfAborted();
  const errors = obtained.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const [runtime, dev, debug] = obtained.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (errors.length > 0 || !runtime || !dev) return outcomesOfFailure(names, errors, context);
  const built: BuiltRelease = { runtime, dev, ...(debug && { debug }) };
  try {
    const published = await finish(built, release, context, stages);
    return eachOf(built).map((image) => {
      const target = image.target.name;
      const seconds = stages.secondsOf(target);
      const ofImage = published.find((one) => one.built === image);
      const outcome: Done = { status: "done", target, built: image, published: ofImage, seconds };
      context.listener({ type: "done", target, outcome });
      return outcome;
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return outcomesOfFailure(names, [error], context);
  }
}

function namesOf(release: PlannedRelease): readonly [string, ...string[]] {
  const [runtime, ...others] = eachOf(release);
  return [runtime.target.name, ...others.map(({ target }) => target.name)];
}

/** Builds a target, or reads what was built before. */
function obtain(planned: PlannedTarget, context: PipelineContext, stages: StageRunner): Promise<Built> {
  const { target, inputs } = planned;
  if (context.first === "build") {
    return stages.run([target.name], "build", async () => {
      const earlier = context.resume ? await reusable(planned, context.build) : undefined;
      if (earlier) {
        context.listener({
          type: "note",
          text: `${target.name}: taken from an earlier run, as building it again would give the same`,
        });
        return earlier;
      }
      const built = await patientBuild(planned, context);
      if (context.verifyWith) await verifyBuild(built, inputs, context.verifyWith, context.build);
      return built;
    });
  }
  return readBuilt(target, context.build.layouts, context.build.reader).catch((error: unknown) => {
    throw stages.fail([target.name], context.first, error);
  });
}

/** A mirror or registry that fails for a moment must not fail a target. */
function patientBuild(planned: PlannedTarget, context: PipelineContext): Promise<Built> {
  const { listener, signal } = context;
  const onRetry = (error: unknown, delay: number) => {
    const text = `${planned.target.name}: the build failed for a reason that may pass; trying again in ${delay / 1000} s`;
    const message = messageOf(error);
    // The last line that the program printed; the command itself comes after it.
    listener({ type: "note", text: `${text}: ${message.split("\n").at(-2) ?? message}` });
  };
  return withPatience(() => build(planned, context.build), onRetry, signal);
}

/** Smoke-tests and publishes what was built, as far as the context wants. */
async function finish(
  release: BuiltRelease,
  planned: PlannedRelease,
  context: PipelineContext,
  stages: StageRunner,
): Promise<PublishedImage[]> {
  const last = STAGES.indexOf(context.last);
  const names = namesOf(planned);
  if (last < STAGES.indexOf("smoke")) return [];
  const tested = await stages.run(names, "smoke", () => smoke(release, context.smoke, context.resume));
  if (last < STAGES.indexOf("publish")) return [];
  return stages.run(names, "publish", async () => {
    const wanted = eachOf(planned);
    eachOf(release).forEach((built, index) => void requirePlatforms(built, wanted[index]?.platforms ?? []));
    return publish(tested, context.publish);
  });
}

/** Those that failed, and those that are held back because their pair did. @throws what is no failure of a stage */
function outcomesOfFailure(
  names: readonly string[],
  errors: readonly unknown[],
  { listener }: PipelineContext,
): Outcome[] {
  const failures = errors.map((error): Failed => {
    if (!(error instanceof StageError)) throw error;
    return { status: "failed", target: error.target, stage: error.stage, message: error.message };
  });
  return names.map((name) => {
    const failure = failures.find(({ target }) => target === name);
    if (failure) return failure;
    const pair = failures[0]?.target ?? "";
    listener({ type: "held", target: name, pair });
    return { status: "held", target: name, pair };
  });
}

/** Runs the stages of a release, tells the listener, and keeps how long each took. */
class StageRunner {
  readonly #seconds = new Map<string, Record<Stage, number>>();

  constructor(private readonly context: Pick<PipelineContext, "listener" | "signal">) {}

  /** Runs one stage, which may concern several targets. @throws StageError */
  async run<T>(targets: readonly [string, ...string[]], stage: Stage, work: () => Promise<T>): Promise<T> {
    this.context.signal.throwIfAborted();
    for (const target of targets) this.context.listener({ type: "started", target, stage });
    const start = performance.now();
    try {
      const result = await work();
      const seconds = (performance.now() - start) / 1000;
      for (const target of targets) {
        this.#seconds.set(target, { ...this.secondsOf(target), [stage]: seconds });
        this.context.listener({ type: "finished", target, stage, seconds });
      }
      return result;
    } catch (error) {
      throw this.fail(targets, stage, error);
    }
  }

  /** How long the stages of a target took, in seconds. */
  secondsOf(target: string): Record<Stage, number> {
    return this.#seconds.get(target) ?? { build: 0, smoke: 0, publish: 0 };
  }

  /** Tells of a failure. A smoke test names the target that failed; otherwise it is the first one. */
  fail(targets: readonly [string, ...string[]], stage: Stage, error: unknown): StageError {
    const target = error instanceof RejectedError ? error.target : targets[0];
    const failure = new StageError(target, stage, error);
    // Errors after an abort are its consequence: do not report them.
    if (!this.context.signal.aborted) {
      this.context.listener({ type: "failed", target, stage, message: failure.message });
    }
    return failure;
  }
}
