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
import { repeatCommand } from "./repeat.ts";
import { runStages } from "./run-stages.ts";
import { type Session, withSession } from "./session.ts";
import { updateImages } from "./update-images.ts";

export interface RebuildOptions extends EngineOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Plans, builds, smoke-tests and publishes what is due. */
export async function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { planned, rendered } = await makePlan(session, patterns, options.force);
    const outcomes = options.dryRun ? [] : await rebuildDue(session, planned, rendered, options);
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

async function rebuildDue(
  session: Session,
  planned: readonly PlannedTarget[],
  rendered: RenderedFiles,
  options: RebuildOptions,
): Promise<Outcome[]> {
  const due = planned.filter(isDue);
  if (due.length === 0) return [];
  session.listener({ type: "note", text: planText(planned, session.today, { brief: true }) });
  await updateImages(session, rendered);
  return runStages(session, due, { first: "build", last: "publish", ...options });
}
