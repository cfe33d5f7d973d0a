import { cleanAfterRun } from "../app/clean.ts";
import { exitCodeOf } from "../app/exit-code.ts";
import { type MadePlan, makePlan } from "../app/make-plan.ts";
import type { EngineOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { repeatCommand } from "../app/repeat.ts";
import { runStages, type StagesRequest } from "../app/run-stages.ts";
import { type Session, withSession } from "../app/session.ts";
import { throughTagDoor } from "../app/tag-door.ts";
import { updateImages } from "../app/update-images.ts";
import { type Run, withRun } from "../app/with-run.ts";
import type { Stage } from "../model/stage.ts";
import { passesAfter } from "../pipeline/deadline.ts";
import type { Outcome } from "../pipeline/outcome.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import type { RenderedFiles } from "../render/files.ts";
import { outcomesJson, planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";
import { errorWidth } from "../system/shown/output.ts";

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
            : planText(planned, session.today, { brief: true, newRegistry: session.newRegistry, width }),
        () => ({ run: run.id, plan: planJson(planned), outcomes: outcomesJson(outcomes, streaks) }),
      );
      return exitCodeOf(planned, outcomes);
    });
  });
}

/** A dry run changes nothing, so that there is nothing to give an account of. */
async function showDryRun(session: Session, patterns: string[], options: RebuildOptions): Promise<void> {
  await notePending(session);
  const { planned } = await makePlan(session, { patterns, force: options.force });
  process.exitCode = exitCodeOf(planned, []);
  printResult(
    options,
    (width) => planText(planned, session.today, { newRegistry: session.newRegistry, width }),
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
  return throughTagDoor(session, {
    lease,
    plan: planIn,
    // To plan in the sandbox is to open its mirror and push its base images, which two runs would do against each other.
    ...(session.profile !== "sandbox" && {
      isDue: ({ planned }: MadePlan) => planned.some((one) => isDue(one)),
      idle: ({ planned }: MadePlan): Rebuilt => ({ planned, outcomes: [] }),
    }),
    work: async ({ planned, rendered }, door): Promise<Rebuilt> => ({
      planned,
      outcomes: await rebuildDue(door.session, planned, rendered, { ...options, mover: door }),
    }),
  });
}

async function rebuildDue(
  session: Session,
  planned: readonly PlannedTarget[],
  rendered: () => Promise<RenderedFiles>,
  options: RebuildOptions & Pick<StagesRequest, "mover" | "isLate">,
): Promise<Outcome[]> {
  const due = planned.filter((one) => isDue(one));
  if (due.length === 0) return [];
  session.listener({
    type: "plan",
    text: planText(planned, session.today, {
      ...{ brief: true, newRegistry: session.newRegistry, width: errorWidth() },
    }),
  });
  const dockerfiles = await rendered();
  await updateImages(session, dockerfiles);
  return runStages(session, due, { first: "build", last: "publish", resume: true, ...options, dockerfiles });
}
