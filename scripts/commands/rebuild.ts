import { withRun } from "../app/account.ts";
import { cleanAfterRun } from "../app/clean.ts";
import { makePlan } from "../app/make-plan.ts";
import type { EngineOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { planAndRebuild } from "../app/rebuild.ts";
import { repeatCommand } from "../app/repeat.ts";
import { exitCodeOf, printResult } from "../app/result.ts";
import { type Session, withSession } from "../app/session.ts";
import type { Stage } from "../model/run.ts";
import { passesAfter } from "../pipeline/deadline.ts";
import { outcomesJson, planJson } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { outcomesBlocks } from "../report/summary.ts";

export interface RebuildOptions extends EngineOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly verify: boolean;
}

/** Plans, builds, smoke-tests and publishes what is due. */
export async function rebuild(patterns: string[], options: RebuildOptions): Promise<void> {
  // The time that planning takes counts too.
  const isLate = passesAfter(options.deadline);
  await withSession(options, async (session) => {
    if (options.dryRun) return showDryRun(session, patterns, options);
    await withRun(session, { verb: "rebuild", patterns, options }, async (run) => {
      const { concurrency, lease, sign, force, verify } = options;
      const request = {
        patterns,
        concurrency,
        lease,
        ...(sign !== undefined && { sign }),
        force,
        verify,
        isLate,
      };
      const { planned, outcomes } = await planAndRebuild(session, run, request);
      const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
      // Before old journals are removed.
      const streaks = await run.streaks();
      await cleanAfterRun(session, options.state, options.builder);
      const { today, newRegistry } = session;
      printResult(
        options,
        (width) =>
          outcomes.length > 0
            ? outcomesBlocks(outcomes, repeat, streaks, width)
            : planText(planned, today, { brief: true, newRegistry, width }),
        () => ({ run: run.id, plan: planJson(planned), outcomes: outcomesJson(outcomes, streaks) }),
      );
      return exitCodeOf(planned, outcomes);
    });
  });
}

/** A dry run changes nothing, so that it leaves no account. */
async function showDryRun(session: Session, patterns: string[], options: RebuildOptions): Promise<void> {
  await notePending(session);
  const { planned } = await makePlan(session, { patterns, force: options.force });
  process.exitCode = exitCodeOf(planned, []);
  const { today, newRegistry } = session;
  printResult(
    options,
    (width) => planText(planned, today, { newRegistry, width }),
    () => ({ plan: planJson(planned), outcomes: [] }),
  );
}
