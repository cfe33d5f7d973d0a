import type { Stage } from "../model/run.ts";
import { passesAfter } from "../pipeline/deadline.ts";
import { isDue, withoutAway } from "../plan/plan.ts";
import type { TagMover } from "../publish/move-release.ts";
import { outcomesJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";
import { errorWidth } from "../system/shown/output.ts";
import { type Run, withRun } from "./account.ts";
import { makePlan } from "./make-plan.ts";
import type { EngineOptions } from "./options.ts";
import { repeatCommand } from "./repeat.ts";
import { exitCodeOf, printResult } from "./result.ts";
import { runStages } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { throughTagDoor } from "./tag-door.ts";
import { updateImages } from "./update-images.ts";

/** Which stages of the pipeline a command goes through. Without `build`, what an earlier build left is taken. */
interface Stages {
  readonly first: Stage;
  readonly last: Stage;
}

/** A command that takes targets through some stages, due or not: the last is what was asked for. */
export async function runSomeStages(
  patterns: string[],
  stages: Stages,
  options: EngineOptions,
): Promise<void> {
  const isLate = passesAfter(options.deadline);
  const typed = { verb: stages.last, patterns, options };
  await withSession(options, (session) =>
    withRun(session, typed, async (run) => {
      const go = (own: Session, mover?: TagMover) =>
        runNamed(own, run, patterns, { stages, options, isLate, mover });
      if (stages.last !== "publish") return go(session);
      return throughTagDoor(session, {
        lease: options.lease,
        plan: async () => undefined,
        work: (_, door) => go(door.session, door),
      });
    }),
  );
}

interface Request {
  readonly stages: Stages;
  readonly options: EngineOptions;
  readonly isLate: () => boolean;
  readonly mover: TagMover | undefined;
}

/** @returns the exit code */
async function runNamed(
  session: Session,
  run: Run,
  patterns: readonly string[],
  { stages, options, isLate, mover }: Request,
): Promise<number> {
  const unpublished = stages.last !== "publish";
  const plan = await makePlan(session, { patterns, force: true, unpublished });
  run.planned(plan.planned);
  const builds = stages.first === "build";
  // What is unavailable or mistaken is named, and stops nothing else.
  const all = builds ? plan.planned : plan.planned.map((one) => withoutAway(one));
  const planned = all.filter((one) => isDue(one));
  if (planned.length < all.length) {
    const text = planText(all, session.today, { width: errorWidth() });
    session.listener({ type: "plan", text });
  }
  const dockerfiles = builds ? await plan.rendered() : undefined;
  if (dockerfiles) await updateImages(session, dockerfiles);
  const { concurrency, sign } = options;
  const request = { ...stages, concurrency, sign, isLate, dockerfiles, ...(mover && { mover }) };
  const outcomes = await runStages(session, planned, request);
  const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
  const streaks = await run.streaks();
  printResult(
    options,
    (width) => outcomesBlocks(outcomes, repeat, streaks, width),
    () => ({ run: run.id, outcomes: outcomesJson(outcomes, streaks) }),
  );
  return exitCodeOf(all, outcomes);
}
