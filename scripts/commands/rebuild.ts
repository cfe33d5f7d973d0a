import { makePlan } from "../app/make-plan.ts";
import type { DryRunOption, PipelineOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { exitCodeOf, printResult } from "../app/result.ts";
import { runCommand } from "../app/run-command.ts";
import { withSession } from "../app/session.ts";
import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";

type RebuildOptions = PipelineOptions & DryRunOption;

/** Plans, builds, smoke-tests and publishes what is due. */
export function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  if (options.dryRun) return showDryRun(patterns, options);
  return runCommand("rebuild", patterns, options);
}

/** A dry run changes nothing, so that it leaves no account. */
function showDryRun(patterns: string[], options: RebuildOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { planned } = await makePlan(session, { patterns, force: options.force === true });
    process.exitCode = exitCodeOf(planned, []);
    const { today, newRegistry } = session;
    printResult(
      options,
      (width) => planText(planned, today, { newRegistry, width }),
      () => ({ plan: planJson(planned), outcomes: [] }),
    );
  });
}
