import { makePlan } from "../app/make-plan.ts";
import { notePending } from "../app/pending.ts";
import { exitCodeOf, printResult } from "../app/result.ts";
import { type PipelineOptions, runCommand } from "../app/run-command.ts";
import { withSession } from "../app/session.ts";
import { planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";

export interface RebuildOptions extends PipelineOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly verify: boolean;
}

/** Plans, builds, smoke-tests and publishes what is due. */
export function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  if (options.dryRun) return showDryRun(patterns, options);
  return runCommand({ verb: "rebuild", first: "build", last: "publish" }, patterns, options);
}

/** A dry run changes nothing, so that it leaves no account. */
function showDryRun(patterns: string[], options: RebuildOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { planned } = await makePlan(session, { patterns, force: options.force });
    process.exitCode = exitCodeOf(planned, []);
    const { today, newRegistry } = session;
    printResult(
      options,
      (width) => planText(planned, today, { newRegistry, width }),
      () => ({ plan: planJson(planned), outcomes: [] }),
    );
  });
}
