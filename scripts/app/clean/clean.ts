import { resolve } from "node:path";
import { pruneDocker } from "../../engine/docker.ts";
import { type CleanRule, DEFAULT_RULE } from "../../model/clean-rule.ts";
import { UserError } from "../../system/errors.ts";
import { count, formatBytes } from "../../system/shown/format.ts";
import { removeRunFolder } from "../../system/state/run-folder.ts";
import { stateKind, strangersIn } from "../../system/state/state-directory.ts";
import type { Session } from "../session.ts";
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

/** Cleans at the end of a run. What cannot be removed now is no failure of the run: the next one tries again. */
export async function cleanAfterRun(session: Session, state: string, builder?: string): Promise<void> {
  const { clean: rule = DEFAULT_RULE } = session.catalog;
  const note = (text: string) => session.listener({ type: "note", text });
  try {
    const cleaned = await clean({ state: resolve(state), rule, dryRun: false, builder });
    if (cleaned.removed.length > 0) note(sumText(cleaned, false));
  } catch (error) {
    note(`could not clean up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What was removed, in one line. */
export function sumText(cleaned: Cleaned, dryRun: boolean): string {
  if (cleaned.removed.length === 0) return "Nothing to clean.";
  const sum = `${count(cleaned.removed.length, "item")}, ${formatBytes(bytesOf(cleaned))}`;
  return dryRun ? `Would remove ${sum}.` : `Removed ${sum}.`;
}

/** Bytes of all that was removed. */
export function bytesOf({ removed }: Cleaned): number {
  return removed.reduce((sum, { bytes }) => sum + bytes, 0);
}
