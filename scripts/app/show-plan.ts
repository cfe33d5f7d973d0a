import { jobsOf, joinOf, type MatrixFlavour, matrixOf } from "../plan/matrix.ts";
import { isDue } from "../plan/plan.ts";
import { forecastText } from "../report/forecast-text.ts";
import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { formatProse } from "../system/shown/format.ts";
import { printJson } from "../system/shown/output.ts";
import { forecastRun } from "./forecast.ts";
import { makePlan } from "./make-plan.ts";
import type { DryRunOption, PipelineOptions, PlanningOptions } from "./options.ts";
import { notePending } from "./pending.ts";
import { givenOptions } from "./repeat.ts";
import { EXIT, exitCodeOf, printResult } from "./result.ts";
import { withSession } from "./session.ts";
import { pauseFailing, recallFailures } from "./waiting.ts";

/** Of `plan`, or of `rebuild --dry-run`. */
export type ShowPlanOptions = (PlanningOptions | (PipelineOptions & DryRunOption)) & {
  readonly force?: boolean;
  readonly matrix?: MatrixFlavour;
  readonly limit?: number;
  /** Whether the exit code tells that something is due, where nothing is wrong. */
  readonly detailedExitcode?: boolean;
};

/** Shows what would be rebuilt, and why. It changes nothing, so that it leaves no account. */
export function showPlan(patterns: readonly string[], options: ShowPlanOptions): Promise<void> {
  const { force = false, matrix, limit, detailedExitcode = false } = options;
  return withSession(options, async (session) => {
    await notePending(session);
    // With a machine for each platform it matters what all of them can build.
    const runners = matrix && session.catalog.runners;
    const everywhere = runners !== undefined;
    const made = await makePlan(session, { patterns, force, limit, everywhere });
    // As a rebuild with these words would: a CI's jobs name their targets, so what waits must not come to be in one.
    const isWanted = force || patterns.length > 0;
    const due = made.planned.filter((one) => isDue(one));
    const planned = isWanted ? made.planned : pauseFailing(made.planned, await recallFailures(due, session));
    const isAnyDue = detailedExitcode && planned.some((one) => isDue(one));
    process.exitCode = exitCodeOf(planned, []) || (isAnyDue ? EXIT.due : 0);
    if (matrix) {
      const given = [...(force ? ["--force"] : []), ...givenOptions(session.profile, options)];
      const jobs = jobsOf(planned, given, runners);
      printJson(matrixOf(jobs, matrix, joinOf(jobs, given)));
      return;
    }
    // Only of what is going to be built here: nobody knows which machines take the jobs of a matrix.
    const here = planned.filter((one) => isDue(one));
    const isDry = "dryRun" in options;
    const forecast = isDry ? await forecastRun(session, here, options) : undefined;
    const text = (width: number | undefined) => {
      const plan = planText(planned, session.today, { newRegistry: session.newRegistry, width });
      return forecast ? `${plan}\n${formatProse(forecastText(forecast), width)}` : plan;
    };
    const json = () => ({ plan: planJson(planned), ...(forecast && { forecast }) });
    if (isDry) printResult(options, "rebuild", text, () => ({ ...json(), outcomes: [] }));
    else printResult(options, "plan", text, json);
  });
}
