import { exitCodeOf } from "../app/exit-code.ts";
import { makePlan } from "../app/make-plan.ts";
import type { EngineOptions } from "../app/options.ts";
import { printResult } from "../app/print-result.ts";
import { repeatCommand } from "../app/repeat.ts";
import { runStages, type StagesRequest } from "../app/run-stages.ts";
import { type Session, withSession } from "../app/session.ts";
import { throughTagDoor } from "../app/tag-door.ts";
import { updateImages } from "../app/update-images.ts";
import { type Run, withRun } from "../app/with-run.ts";
import type { Stage } from "../model/stage.ts";
import { passesAfter } from "../pipeline/deadline.ts";
import { isDue, withoutAway } from "../plan/plan.ts";
import { outcomesJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";
import { errorWidth } from "../system/shown/output.ts";

/** Builds targets, due or not. */
export function build(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "build", last: "build" });
}

/** Smoke-tests what an earlier build left. */
export function smoke(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "smoke", last: "smoke" });
}

/** Publishes what an earlier build left. It is smoke-tested first: nothing else can be published. */
export function publish(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand(patterns, { ...options, first: "smoke", last: "publish" });
}

type Request = EngineOptions & StagesRequest;

/** Some stages of the pipeline, without a plan. */
async function runCommand(
  patterns: string[],
  options: EngineOptions & { first: Stage; last: Stage },
): Promise<void> {
  const request: Request = { ...options, isLate: passesAfter(options.deadline) };
  // The last stage is what was asked for.
  const typed = { verb: options.last, patterns, options };
  await withSession(options, (session) =>
    withRun(session, typed, async (run) => {
      if (options.last !== "publish") return runPlanned(session, run, patterns, request);
      return throughTagDoor(session, {
        lease: options.lease,
        plan: async () => patterns,
        work: (named, door) => runPlanned(door.session, run, named, { ...request, mover: door }),
      });
    }),
  );
}

/** @returns the exit code */
async function runPlanned(session: Session, run: Run, patterns: string[], options: Request): Promise<number> {
  const unpublished = options.last !== "publish";
  const plan = await makePlan(session, { patterns, force: true, unpublished });
  run.planned(plan.planned);
  const { rendered } = plan;
  // What is unavailable or mistaken is named, and stops nothing else.
  const all = options.first === "build" ? plan.planned : plan.planned.map((one) => withoutAway(one));
  const planned = all.filter((one) => isDue(one));
  if (planned.length < all.length) {
    session.listener({ type: "plan", text: planText(all, session.today, { width: errorWidth() }) });
  }
  const dockerfiles = options.first === "build" ? await rendered() : undefined;
  if (dockerfiles) await updateImages(session, dockerfiles);
  const outcomes = await runStages(session, planned, { ...options, ...(dockerfiles && { dockerfiles }) });
  const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
  const streaks = await run.streaks();
  printResult(
    options,
    (width) => outcomesBlocks(outcomes, repeat, streaks, width),
    () => ({ run: run.id, outcomes: outcomesJson(outcomes, streaks) }),
  );
  return exitCodeOf(all, outcomes);
}
