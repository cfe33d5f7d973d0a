import { releasesOf, selectTargets } from "../catalog/select.ts";
import { parseAim, planRollback, type Rollback, rollBack } from "../publish/rollback.ts";
import { formatDigest, formatProse, formatTable } from "../report/format.ts";
import type { WorldOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { withSession } from "./session.ts";
import { BRIEF_LEASE, peekLock, withLock } from "./with-lock.ts";

export interface RollbackOptions extends WorldOptions {
  readonly to?: string;
  readonly dryRun: boolean;
}

/** Moves the tags of versions back, both variants of each together. */
export async function rollback(patterns: string[], options: RollbackOptions): Promise<void> {
  const aim = parseAim(options.to);
  await withSession(options, async (session) => {
    const { catalog, registry, namespace } = session;
    const named = new Set(selectTargets(catalog.targets, patterns));
    const plans = releasesOf(catalog.targets)
      .filter(({ runtime, dev }) => named.has(runtime) || named.has(dev))
      .map(({ runtime, dev }) => {
        const [first, second] = named.has(runtime) ? [runtime, dev] : [dev, runtime];
        return planRollback(first, second, aim, registry, namespace);
      });
    const rollbacks = (await Promise.all(plans)).flat();
    if (!options.dryRun) {
      await withLock(session, BRIEF_LEASE, await peekLock(session), () =>
        rollBack(rollbacks, registry, namespace),
      );
    }
    printResult(
      options,
      (width) => rollbackText(rollbacks, options.dryRun, width),
      () => ({ rollback: rollbacks.map(({ target, ...rest }) => ({ target: target.name, ...rest })) }),
    );
  });
}

/** What was, or would be, moved. @param width of a line, in characters */
export function rollbackText(rollbacks: readonly Rollback[], dryRun: boolean, width?: number): string {
  const rows = rollbacks.map(({ target, from, to, tags }) => [
    target.name,
    formatDigest(from),
    formatDigest(to.image.digest),
    to.created.toISOString().slice(0, 10),
    from === to.image.digest ? "already in place" : tags.join(" "),
  ]);
  const end = dryRun
    ? "Dry run: no tags were moved."
    : "The next rebuild moves them on again, as far as there is reason to.";
  return `${formatTable([["TARGET", "FROM", "TO", "OF", "TAGS"], ...rows], width)}\n\n${formatProse(end, width)}`;
}
