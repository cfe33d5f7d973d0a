import { personName } from "../app/lock-owner.ts";
import type { DryRunOption, SessionOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { endHolds, rollBack } from "../app/roll-back.ts";
import { withSession } from "../app/session.ts";
import { type Hold, LONGEST_REASON } from "../publish/history.ts";
import { parseRollbackTarget } from "../publish/rollback.ts";
import { holdJson, releasedText, rollbackJson, rollbackText } from "../report/tag-texts.ts";
import { UserError } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";

interface RollbackOptions extends SessionOptions, DryRunOption {
  readonly to?: string;
  /** Milliseconds that the tags stay where they are put. */
  readonly hold?: number;
  readonly reason?: string;
  /** End a hold, and move nothing. */
  readonly release: boolean;
}

/** Moves the tags of versions back, both variants of each together; holds them there, or ends a hold. */
export async function rollback(patterns: string[], options: RollbackOptions): Promise<void> {
  const { dryRun, release } = options;
  checkOptions(options);
  const to = parseRollbackTarget(options.to);
  await withSession(options, async (session) => {
    if (release) {
      const released = await endHolds(session, patterns, dryRun);
      printResult(
        options,
        "rollback",
        () => releasedText(released, dryRun),
        () => ({ released }),
      );
      return;
    }
    const hold = holdOf(options, new Date());
    const rollbacks = await rollBack(session, { patterns, to, hold, dryRun });
    printResult(
      options,
      "rollback",
      (width) => rollbackText(rollbacks, dryRun, hold, width),
      () => ({
        rollback: rollbacks.map((one) => rollbackJson(one)),
        hold: hold ? holdJson(hold) : null,
      }),
    );
  });
}

function checkOptions({ hold, reason, release, to }: RollbackOptions): void {
  if (release && (hold !== undefined || to !== undefined)) {
    throw new UserError("--release ends a hold and moves nothing: leave out --hold and --to");
  }
  if (reason !== undefined && hold === undefined) {
    throw new UserError("--reason is for --hold, which is missing", "add --hold 7d");
  }
}

/** The hold names the machine or the CI run that it was set from. */
function holdOf({ hold, reason = "" }: RollbackOptions, now: Date): Hold | undefined {
  if (hold === undefined) return undefined;
  return {
    until: new Date(now.getTime() + hold),
    by: personName(process.env),
    reason: cleanLine(reason, LONGEST_REASON).trim(),
  };
}
