import { makePlan } from "../app/make-plan.ts";
import type { PlanningOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { givenOptions } from "../app/repeat.ts";
import { exitCodeOf, printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { jobsOf, type MatrixFlavour, matrixOf } from "../plan/matrix.ts";
import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { printJson } from "../system/shown/output.ts";

interface PlanOptions extends PlanningOptions {
  readonly force: boolean;
  readonly matrix?: MatrixFlavour;
}

/** Shows what would be rebuilt, and why. */
export function showPlan(patterns: string[], options: PlanOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { planned } = await makePlan(session, { patterns, force: options.force });
    process.exitCode = exitCodeOf(planned, []);
    if (options.matrix) {
      const given = [...(options.force ? ["--force"] : []), ...givenOptions(session.profile, options)];
      printJson(matrixOf(jobsOf(planned, given), options.matrix));
      return;
    }
    printResult(
      options,
      (width) => planText(planned, session.today, { newRegistry: session.newRegistry, width }),
      () => ({ plan: planJson(planned) }),
    );
  });
}
