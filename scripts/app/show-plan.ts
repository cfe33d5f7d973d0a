import { jobsOf, type MatrixFlavour, matrixOf } from "../plan/matrix.ts";
import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { printJson } from "../system/shown/output.ts";
import { makePlan } from "./make-plan.ts";
import type { DryRunOption, PipelineOptions, PlanningOptions } from "./options.ts";
import { notePending } from "./pending.ts";
import { givenOptions } from "./repeat.ts";
import { exitCodeOf, printResult } from "./result.ts";
import { withSession } from "./session.ts";

/** Of `plan`, or of `rebuild --dry-run`. */
export type ShowPlanOptions = (PlanningOptions | (PipelineOptions & DryRunOption)) & {
  readonly force?: boolean;
  readonly matrix?: MatrixFlavour;
};

/**
 * Shows what would be rebuilt, and why. It changes nothing, so that it leaves no account.
 * @param rest what the JSON document has after the plan
 */
export function showPlan(patterns: readonly string[], options: ShowPlanOptions, rest = {}): Promise<void> {
  const { force = false, matrix } = options;
  return withSession(options, async (session) => {
    await notePending(session);
    const { planned } = await makePlan(session, { patterns, force });
    process.exitCode = exitCodeOf(planned, []);
    if (matrix) {
      const given = [...(force ? ["--force"] : []), ...givenOptions(session.profile, options)];
      printJson(matrixOf(jobsOf(planned, given), matrix));
      return;
    }
    printResult(
      options,
      (width) => planText(planned, session.today, { newRegistry: session.newRegistry, width }),
      () => ({ plan: planJson(planned), ...rest }),
    );
  });
}
