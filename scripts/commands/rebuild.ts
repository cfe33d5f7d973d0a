import type { Stage } from "../pipeline/events.ts";
import type { Outcome } from "../pipeline/outcome.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import type { RenderedFiles } from "../render/files.ts";
import { outcomesJson, planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesText } from "../report/summary.ts";
import { cleanAfterRun } from "./clean.ts";
import { exitCodeOf } from "./exit-code.ts";
import { makePlan } from "./make-plan.ts";
import type { EngineOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { recoverPublishing } from "./recover.ts";
import { repeatCommand } from "./repeat.ts";
import { runStages, type StagesRequest } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { updateImages } from "./update-images.ts";
import { peekLock, withLock } from "./with-lock.ts";

export interface RebuildOptions extends EngineOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly verify: boolean;
}

/** Plans, builds, smoke-tests and publishes what is due. */
export async function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { planned, outcomes } = await planAndRebuild(session, patterns, options);
    const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
    process.exitCode = exitCodeOf(planned, outcomes);
    if (!options.dryRun) await cleanAfterRun(session, options.state, options.builder);
    printResult(
      options,
      () =>
        outcomes.length > 0
          ? outcomesText(outcomes, repeat)
          : planText(planned, session.today, { brief: !options.dryRun }),
      () => ({ plan: planJson(planned), outcomes: outcomesJson(outcomes) }),
    );
  });
}

interface Rebuilt {
  readonly planned: readonly PlannedTarget[];
  readonly outcomes: readonly Outcome[];
}

/** A night in which nothing is due takes no lock: it only looks whether somebody else is at work. */
async function planAndRebuild(
  session: Session,
  patterns: string[],
  options: RebuildOptions,
): Promise<Rebuilt> {
  const { force, dryRun, lease } = options;
  const peeked = dryRun ? undefined : await peekLock(session);
  if (!dryRun) await recoverPublishing(session);
  const plan = await makePlan(session, { patterns, force });
  if (dryRun || !plan.planned.some(isDue)) return { planned: plan.planned, outcomes: [] };
  return withLock(session, lease, peeked, async ({ session: own, others, check }) => {
    const { planned, rendered } = others ? await makePlan(own, { patterns, force }) : plan;
    return { planned, outcomes: await rebuildDue(own, planned, rendered, { ...options, beforeTags: check }) };
  });
}

async function rebuildDue(
  session: Session,
  planned: readonly PlannedTarget[],
  rendered: () => Promise<RenderedFiles>,
  options: RebuildOptions & Pick<StagesRequest, "beforeTags">,
): Promise<Outcome[]> {
  const due = planned.filter(isDue);
  if (due.length === 0) return [];
  session.listener({ type: "plan", text: planText(planned, session.today, { brief: true }) });
  await updateImages(session, await rendered());
  return runStages(session, due, { first: "build", last: "publish", resume: true, ...options });
}
