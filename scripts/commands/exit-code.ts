import type { Outcome } from "../pipeline/outcome.ts";
import type { PlannedTarget } from "../plan/plan.ts";

/**
 * What a cron job acts on: 1 where something failed or could not be found out, 2 where the catalog promises
 * what no branch can keep, so that its maintainer has to mend it, and 0 otherwise. What is merely unavailable
 * is no failure.
 */
export function exitCodeOf(planned: readonly PlannedTarget[], outcomes: readonly Outcome[]): 0 | 1 | 2 {
  if (outcomes.some(({ status }) => status !== "done")) return 1;
  if (planned.some(({ obstacle }) => obstacle && !obstacle.excused)) return 2;
  return planned.some(({ offered }) => offered && offered.unknown.length > 0) ? 1 : 0;
}
