import { passesAfter } from "../pipeline/deadline.ts";
import type { Outcome } from "../pipeline/outcome.ts";
import type { Stage } from "../pipeline/stage.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import type { RenderedFiles } from "../render/files.ts";
import { outcomesJson, planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";
import { errorWidth } from "../system/output.ts";
import { cleanAfterRun } from "./clean.ts";
import { exitCodeOf } from "./exit-code.ts";
import { type MadePlan, makePlan } from "./make-plan.ts";
import type { EngineOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { recoverPublishing } from "./recover.ts";
import { repeatCommand } from "./repeat.ts";
import { runStages, type StagesRequest } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { updateImages } from "./update-images.ts";
import { peekLock, withLock } from "./with-lock.ts";
import { type Run, withRun } from "./with-run.ts";

export interface RebuildOptions extends EngineOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly verify: boolean;
}

/** Plans, builds, smoke-tests and publishes what is due. */
export async function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  // The time that planning takes counts too.
  const isLate = passesAfter(options.deadline);
  await withSession(options, async (session) => {
    if (options.dryRun) return showDryRun(session, patterns, options);
    await withRun(session, { verb: "rebuild", patterns, options }, async (run) => {
      const { planned, outcomes } = await planAndRebuild(session, run, patterns, { ...options, isLate });
      const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
      // Before old journals go.
      const streaks = await run.streaks();
      await cleanAfterRun(session, options.state, options.builder);
      printResult(
        options,
        (width) =>
          outcomes.length > 0
            ? outcomesBlocks(outcomes, repeat, streaks, width)
            : planText(planned, session.today, { brief: true, width }),
        () => ({ run: run.id, plan: planJson(planned), outcomes: outcomesJson(outcomes, streaks) }),
      );
      return exitCodeOf(planned, outcomes);
    });
  });
}

/** A dry run changes nothing, so that there is nothing to give an account of. */
async function showDryRun(session: Session, patterns: string[], options: RebuildOptions): Promise<void> {
  const { planned } = await makePlan(session, { patterns, force: options.force });
  process.exitCode = exitCodeOf(planned, []);
  printResult(
    options,
    (width) => planText(planned, session.today, { width }),
    () => ({ plan: planJson(planned), outcomes: [] }),
  );
}

interface Rebuilt {
  readonly planned: readonly PlannedTarget[];
  readonly outcomes: readonly Outcome[];
}

/** A night in which nothing is due takes no lock: it only looks whether somebody else is at work. */
async function planAndRebuild(
  session: Session,
  run: Run,
  patterns: string[],
  options: RebuildOptions & Pick<StagesRequest, "isLate">,
): Promise<Rebuilt> {
  const { force, lease } = options;
  const planIn = async (own: Session) => {
    const plan = await makePlan(own, { patterns, force });
    run.planned(plan.planned);
    return plan;
  };
  const rebuildIn = async (own: Session, { planned, rendered }: MadePlan, check: () => Promise<void>) => ({
    planned,
    outcomes: await rebuildDue(own, planned, rendered, { ...options, beforeTags: check }),
  });
  const peeked = await peekLock(session);
  if (session.profile === "sandbox") {
    // To plan is to open its mirror and push its base images, which two runs would do against each other.
    return withLock(session, lease, peeked, async ({ session: own, check }) => {
      await recoverPublishing(own);
      return rebuildIn(own, await planIn(own), check);
    });
  }
  await recoverPublishing(session);
  const plan = await planIn(session);
  if (!plan.planned.some((one) => isDue(one))) return { planned: plan.planned, outcomes: [] };
  return withLock(session, lease, peeked, async ({ session: own, others, check }) =>
    rebuildIn(own, others ? await planIn(own) : plan, check),
  );
}

async function rebuildDue(
  session: Session,
  planned: readonly PlannedTarget[],
  rendered: () => Promise<RenderedFiles>,
  options: RebuildOptions & Pick<StagesRequest, "beforeTags" | "isLate">,
): Promise<Outcome[]> {
  const due = planned.filter((one) => isDue(one));
  if (due.length === 0) return [];
  session.listener({
    type: "plan",
    text: planText(planned, session.today, { brief: true, width: errorWidth() }),
  });
  await updateImages(session, await rendered());
  return runStages(session, due, { first: "build", last: "publish", resume: true, ...options });
}
