import type { DryRunOption, SessionOptions } from "../app/options.ts";
import { promoteTargets } from "../app/promote.ts";
import { EXIT, printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { UserError } from "../system/errors.ts";
import { promoteJson, promoteText } from "../transfer/promote-text.ts";

interface PromoteOptions extends SessionOptions, DryRunOption {
  /** Wait for no soak time. */
  readonly now: boolean;
}

/** Takes published targets on from one registry to another, where the catalog's rule lets them. */
export async function promote(
  from: string,
  to: string,
  patterns: string[],
  options: PromoteOptions,
): Promise<void> {
  const { registry = to, dryRun, now } = options;
  if (registry !== to) {
    throw new UserError(`promote goes to ${to}, and --registry says ${registry}`, "leave out --registry");
  }
  await withSession({ ...options, registry: to }, async (session) => {
    const result = await promoteTargets(session, { from, to, patterns, isUrgent: now, dryRun });
    printResult(
      options,
      "promote",
      (width) => promoteText(result, dryRun, width),
      () => ({ from, to, dryRun, ...promoteJson(result) }),
    );
    // What a scan found wants a person as much as what failed.
    const isBad = result.failed.length > 0 || result.left.some(({ because }) => because === "found");
    if (isBad) process.exitCode = EXIT.failed;
  });
}
