import { pruneDocker } from "../../engine/docker.ts";
import type { CleanRule } from "../../model/clean-rule.ts";
import { UserError } from "../../system/errors.ts";
import { removeRunFolder } from "../../system/state/run-folder.ts";
import { stateKind, strangersIn } from "../../system/state/state-directory.ts";
import { chooseRemovals, type Removal } from "./choose.ts";
import { findItems } from "./find.ts";

export interface CleanOptions {
  /** Birdhouse's state directory. */
  readonly state: string;
  readonly rule: CleanRule;
  /** Removes nothing. */
  readonly dryRun: boolean;
  readonly builder?: string | undefined;
}

export interface Cleaned {
  readonly removed: readonly Removal[];
  /** What has been left because a run in progress may use it. */
  readonly isRunning: boolean;
  /** What docker said of its build cache, where there is a docker. */
  readonly engine?: string;
}

/**
 * Removes what the rule no longer allows: layouts, old runs, and what engines left behind.
 * @throws UserError where the directory is not ours
 * @throws Error where something cannot be removed
 */
export async function clean({ state, rule, dryRun, builder }: CleanOptions): Promise<Cleaned> {
  if ((await stateKind(state)) === "foreign") {
    const [first, ...others] = await strangersIn(state);
    throw new UserError(
      `${state} is no state directory of Birdhouse: it holds ${first}${others.length > 0 ? `, and ${others.length} more that are not ours` : ""}`,
      "nothing was removed; name the right directory with --state, one that is for Birdhouse alone",
    );
  }
  const { items, isRunning } = await findItems(state);
  const removed = chooseRemovals(items, rule, Date.now(), isRunning);
  if (dryRun) return { removed, isRunning };
  for (const path of removed.flatMap(({ paths }) => paths)) {
    // A store of a run that was killed may still be mounted.
    await removeRunFolder(path);
  }
  const engine = isRunning ? undefined : await pruneDocker(rule, builder);
  return { removed, isRunning, ...(engine !== undefined && { engine }) };
}
