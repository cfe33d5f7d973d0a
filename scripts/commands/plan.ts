import type { Command } from "commander";
import { planJson } from "../report/json.ts";
import { planText } from "../report/summary.ts";
import { makePlan } from "./make-plan.ts";
import { addWorldOptions, type WorldOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { withSession } from "./session.ts";

export interface PlanOptions extends WorldOptions {
  readonly force: boolean;
}

export function addPlan(program: Command): void {
  addWorldOptions(program.command("plan [targets...]").description("what would be rebuilt, and why"))
    .option("--force", "as if the named targets had been asked for", false)
    .action(showPlan);
}

function showPlan(patterns: string[], options: PlanOptions): Promise<void> {
  return withSession(options, async (session) => {
    const { planned } = await makePlan(session, patterns, options.force);
    printResult(
      options,
      () => planText(planned),
      () => ({ plan: planJson(planned) }),
    );
  });
}
