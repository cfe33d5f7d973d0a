import { type ShowPlanOptions, showPlan } from "../app/show-plan.ts";

/** Shows what would be rebuilt, and why; with `--matrix`, the jobs for it. */
export function plan(patterns: string[], options: ShowPlanOptions): Promise<void> {
  return showPlan(patterns, options);
}
