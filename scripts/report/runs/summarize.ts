import type { RunSummary, RunTarget, Stage } from "../../model/run.ts";
import { groupBy } from "../../system/group.ts";
import type { JournalRecord, PlanRecord, RecordOf, RunJournal } from "./record.ts";

/** What a run did, of its journal, be it whole or cut off anywhere. Pure. */
export function summaryOf({ run, records }: RunJournal): RunSummary {
  const plan = records.findLast((record) => record.type === "plan");
  const end = records.findLast((record) => record.type === "end");
  const engine = records.find((record) => record.type === "engine");
  const notes = records.flatMap((record) => (record.type === "note" ? [record.text] : []));
  return {
    id: run.id,
    started: run.at,
    ...(end && { ended: end.at, exitCode: end.exitCode }),
    ...(end?.error !== undefined && { error: end.error }),
    version: run.version,
    command: run.command,
    registry: run.registry,
    profile: run.profile,
    ...(engine && { engine: engine.title }),
    targets: targetsOf(plan, records),
    upToDate: plan?.upToDate ?? 0,
    unavailable: plan?.unavailable ?? 0,
    unknown: plan?.unknown ?? [],
    notes: [...(plan?.remarks ?? []), ...notes],
  };
}

function targetsOf(plan: PlanRecord | undefined, records: readonly JournalRecord[]): RunTarget[] {
  const ofTargets = records.filter((record) => "target" in record);
  const byTarget = groupBy(ofTargets, ({ target }) => target);
  return (plan?.targets ?? []).map((planned) => targetOf(planned, byTarget.get(planned.target) ?? []));
}

/** @param records those of this target */
function targetOf(
  { target, reasons, before, fingerprint }: PlanRecord["targets"][number],
  records: readonly JournalRecord[],
): RunTarget {
  const find = <Type extends JournalRecord["type"]>(type: Type) =>
    records.findLast((record): record is RecordOf<Type> => record.type === type);
  const [done, failed, streak] = [find("done"), find("failed"), find("streak")];
  return {
    target,
    status: done ? "done" : failed ? "failed" : find("held") ? "held" : "unstarted",
    reasons,
    ...(failed && {
      failure: { stage: failed.stage, message: failed.message, repeat: failed.repeat },
      failedRuns: streak?.runs ?? 1,
    }),
    ...(streak && { failingSince: streak.since }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(done && { digest: done.digest }),
    tags: done?.tags ?? [],
    uploadedBytes: done?.uploadedBytes ?? 0,
    platforms: (done?.platforms ?? []).map((platform) => {
      const earlier = before[platform.platform];
      return earlier ? { ...platform, before: earlier } : platform;
    }),
    seconds: {
      build: secondsOf("build", records),
      smoke: secondsOf("smoke", records),
      publish: secondsOf("publish", records),
    },
  };
}

/** A stage that failed took its time as well. */
function secondsOf(stage: Stage, records: readonly JournalRecord[]): number {
  let started: string | undefined;
  for (const record of records) {
    if (record.type === "started" && record.stage === stage) started = record.at;
    if (record.type === "finished" && record.stage === stage) return record.seconds;
    if (record.type === "failed" && record.stage === stage && started !== undefined) {
      return (Date.parse(record.at) - Date.parse(started)) / 1000;
    }
  }
  return 0;
}

/** A target that failed in several runs in a row. */
export interface Streak {
  /** How many runs, the last one included. */
  readonly runs: number;
  /** When the first of them began, in ISO 8601. */
  readonly since: string;
}

/** From so many on, a target is called out: it is not going to mend itself. */
export const PERSISTENT_AFTER_RUNS = 3;

/**
 * Counts in how many runs targets have failed in a row. Runs in which a target was not due, or not come to,
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
