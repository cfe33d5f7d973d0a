import type { Outcome } from "../pipeline/outcome.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { LockedError } from "../publish/lock-state.ts";
import { RegistryError } from "../registry/errors.ts";
import { Interrupted, UserError } from "../system/errors.ts";

/** Exit codes that a cron job can act on. */
export const EXIT = { failed: 1, misconfigured: 2, locked: 3, interrupted: 130 } as const;

/**
 * What a cron job acts on: 1 where something failed, was not come to or could not be found out, 2 where the catalog
 * promises what no branch can keep, so that its maintainer has to mend it, and 0 otherwise. What is merely unavailable
 * is no failure.
 */
export function exitCodeOf(planned: readonly PlannedTarget[], outcomes: readonly Outcome[]): 0 | 1 | 2 {
  if (outcomes.some(({ status }) => status !== "done")) return 1;
  if (planned.some(({ obstacle }) => obstacle && !obstacle.excused && !obstacle.isUnknown)) return 2;
  const isUnknown = ({ obstacle, offered }: PlannedTarget) =>
    obstacle?.isUnknown || (offered?.unknown.length ?? 0) > 0;
  return planned.some((one) => isUnknown(one)) ? 1 : 0;
}

/** What a command ends with that could not go on. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof LockedError) return EXIT.locked;
  const isForUser = error instanceof UserError || (error instanceof RegistryError && error.isRefusal);
  return isForUser ? EXIT.misconfigured : EXIT.failed;
}
