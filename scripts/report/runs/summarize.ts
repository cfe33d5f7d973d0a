import type { RunPlatform, RunSummary, RunTarget } from "../../model/run.ts";
import { STAGES, type Stage } from "../../model/stage.ts";
import type { Journal, JournalRecord, PlanRecord, RecordOf } from "./record.ts";

/** What a run did, of its journal, be it whole or cut off anywhere. Pure. */
export function summaryOf({ run, records }: Journal): RunSummary {
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

type Planned = PlanRecord["targets"][number];

function targetsOf(plan: PlanRecord | undefined, records: readonly JournalRecord[]): RunTarget[] {
  const byTarget = new Map<string, JournalRecord[]>();
  for (const record of records) {
    if (!("target" in record)) continue;
    const ofTarget = byTarget.get(record.target) ?? [];
    ofTarget.push(record);
    byTarget.set(record.target, ofTarget);
  }
  return (plan?.targets ?? []).map((planned) => targetOf(planned, byTarget.get(planned.target) ?? []));
}

/** @param records those of this target */
function targetOf({ target, reasons, before }: Planned, records: readonly JournalRecord[]): RunTarget {
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
    ...(done && { digest: done.digest }),
    tags: done?.tags ?? [],
    uploadedBytes: done?.uploadedBytes ?? 0,
    platforms: (done?.platforms ?? []).map((platform) => withBefore(platform, before)),
    seconds: secondsOf(records),
  };
}

function withBefore(platform: RunPlatform, before: Planned["before"]): RunPlatform {
  const earlier = before[platform.platform];
  return earlier ? { ...platform, before: earlier } : platform;
}

function secondsOf(records: readonly JournalRecord[]): Record<Stage, number> {
  const [build, smoke, publish] = STAGES.map((stage) => stageSeconds(stage, records));
  return { build: build ?? 0, smoke: smoke ?? 0, publish: publish ?? 0 };
}

/** A stage that failed took its time as well. */
function stageSeconds(stage: Stage, records: readonly JournalRecord[]): number {
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
