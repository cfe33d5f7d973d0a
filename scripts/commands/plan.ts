import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { exitCodeOf } from "./exit-code.ts";
import { makePlan } from "./make-plan.ts";
import type { PlanningOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { withSession } from "./session.ts";

export interface PlanOptions extends PlanningOptions {
  readonly force: boolean;
}

/** Shows what would be rebuilt, and why. */
export function showPlan(patterns: string[], options: PlanOptions): Promise<void> {
  return withSession(options, async (session) => {
    const { planned } = await makePlan(session, patterns, options.force);
    process.exitCode = exitCodeOf(planned, []);
    printResult(
      options,
      () => planText(planned, session.today),
      () => ({ plan: planJson(planned) }),
    );
  });
}
