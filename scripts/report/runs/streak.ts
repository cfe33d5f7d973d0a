import type { RunSummary } from "../../model/run.ts";

/** A target that failed in several runs one after the other. */
export interface Streak {
  /** How many runs, the last one included. */
  readonly runs: number;
  /** When the first of them began, in ISO 8601. */
  readonly since: string;
}

/** From so many on, a target is called out: it is not going to mend itself. */
export const CALLED_OUT = 3;

/**
 * Counts in how many runs targets have failed one after the other. Runs in which a target was not due, or not come to,
 * count for nothing either way. What an earlier run has counted is taken over, so that the number of runs that are kept
 * bounds no count.
 *
 * @param failed what failed in the run of now
 * @param started when that began
 * @param earlier the newest first; read only as far as is needed
 */
export async function failureStreaks(
  failed: readonly string[],
  started: string,
  earlier: AsyncIterable<RunSummary>,
): Promise<ReadonlyMap<string, Streak>> {
  const streaks = new Map<string, Streak>(failed.map((target) => [target, { runs: 1, since: started }]));
  const open = new Set(failed);
  if (open.size === 0) return streaks;
  for await (const summary of earlier) {
    for (const target of summary.targets.filter((one) => open.has(one.target))) {
      if (target.status === "done") open.delete(target.target);
      if (target.status !== "failed") continue;
      const before = { runs: target.failedRuns ?? 1, since: target.failingSince ?? summary.started };
      const runs = (streaks.get(target.target)?.runs ?? 1) + before.runs;
      streaks.set(target.target, { runs, since: before.since });
      // A run that was killed has not come to count.
      if (summary.ended !== undefined) open.delete(target.target);
    }
    if (open.size === 0) break;
  }
  return streaks;
}
