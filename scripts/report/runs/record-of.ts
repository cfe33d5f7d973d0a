import { sizesOf } from "../../build/built.ts";
import type { RunReason } from "../../model/run.ts";
import type { ImageSizes } from "../../model/sizes.ts";
import type { Event } from "../../pipeline/events.ts";
import type { Done } from "../../pipeline/outcome.ts";
import { isDue, type PlannedTarget, unknownIn } from "../../plan/plan.ts";
import { describeReason, type Reason } from "../../plan/reason.ts";
import type { JournalRecord, PlanRecord } from "./record.ts";

/**
 * An event of the pipeline as the journal has it; undefined for what it has otherwise.
 * @param at ISO 8601
 * @param repeat the command that repeats what failed
 */
export function recordOf(
  event: Event,
  at: string,
  repeat: (failed: Extract<Event, { type: "failed" }>) => string,
): JournalRecord | undefined {
  switch (event.type) {
    case "plan":
    case "planned":
      return undefined;
    case "failed":
      return { ...event, at, repeat: repeat(event) };
    case "done":
      return { type: "done", at, target: event.target, ...doneOf(event.outcome) };
    default:
      return { ...event, at };
  }
}

function doneOf({ built, published }: Done) {
  const sizes = weightsOf(sizesOf(built.platforms));
  return {
    digest: built.index.digest,
    tags: [...(published?.tags ?? [])],
    uploadedBytes: published?.uploadedBytes ?? 0,
    platforms: Object.entries(sizes).map(([platform, weight]) => ({ platform, ...weight })),
  };
}

/**
 * A plan as the journal has it. Pure.
 * @param at ISO 8601
 * @param remarks what else it tells
 */
export function planRecordOf(
  planned: readonly PlannedTarget[],
  at: string,
  remarks: readonly string[],
): PlanRecord {
  const due = planned.filter((one) => isDue(one));
  const blocked = planned.filter(({ obstacle }) => obstacle);
  return {
    type: "plan",
    at,
    targets: due.map(({ target, reasons, published }) => ({
      target: target.name,
      reasons: reasons.map((one) => reasonOf(one)),
      before: weightsOf(published?.sizes ?? new Map()),
    })),
    upToDate: planned.filter((one) => !isDue(one) && !one.obstacle).length,
    unavailable: blocked.filter(({ obstacle }) => obstacle?.excused).length,
    unknown: [...unknownIn(planned)].map(([problem, targets]) => ({ problem, targets })),
    remarks: [...remarks],
  };
}

function reasonOf(reason: Reason): RunReason & { cves: string[] } {
  const cves = reason.kind === "packages" ? reason.moved.flatMap(({ fixes }) => fixes) : [];
  return { kind: reason.kind, text: describeReason(reason), cves: [...new Set(cves)] };
}

/** Without what each package has of it: that is in the registry. */
function weightsOf(sizes: ImageSizes): Record<string, { compressed: number; unpacked: number }> {
  return Object.fromEntries(
    [...sizes].map(([platform, { compressed, unpacked }]) => [platform, { compressed, unpacked }]),
  );
}
