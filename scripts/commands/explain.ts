import { makePlan } from "../app/make-plan.ts";
import type { PlanningOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { exitCodeOf, printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { explanation } from "../report/explanation.ts";
import { planJson } from "../report/json.ts";

/** Tells the full story of targets: what was compared, and what came of it. */
export function explain(patterns: string[], options: PlanningOptions): Promise<void> {
  return withSession(options, async (session) => {
    const names = new Set(selectTargets(session.catalog.targets, patterns).map(({ name }) => name));
    await notePending(session);
    const { planned } = await makePlan(session, { patterns, thorough: true, asksOnly: true });
    const asked = planned.filter(({ target }) => names.has(target.name));
    process.exitCode = exitCodeOf(asked, []);
    printResult(
      options,
      "explain",
      (width) => asked.map((one) => explanation(one, width)).join("\n\n"),
      () => ({ plan: planJson(asked) }),
    );
  });
}
