import { z } from "zod";
import { sizesOf } from "../../build/built.ts";
import type { ImageSizes } from "../../model/published.ts";
import { type RunReason, STAGES } from "../../model/run.ts";
import type { Done, Event } from "../../pipeline/events.ts";
import { isDue, type PlannedTarget, unknownIn } from "../../plan/plan.ts";
import { describeReason, type Reason } from "../../plan/reasons.ts";

/**
 * The journal of a run, line by line: each line is one of these as JSON, written the moment it happens. Of ours alone;
 * what an older or a newer Birdhouse wrote is read as far as it is known.
 */

const stage = z.enum(STAGES);
const at = z.iso.datetime();
const bytes = z.number();
const weight = { compressed: bytes, unpacked: bytes };
const ofTarget = { at, target: z.string() };

/** The first line: what run this is. */
export const runRecord = z.object({
  type: z.literal("run"),
  format: z.literal(1),
  at,
  id: z.string(),
  /** Of Birdhouse. */
  version: z.string(),
  /** `rebuild`, `build`, … */
  verb: z.string(),
  command: z.string(),
  registry: z.string(),
  profile: z.enum(["catalog", "sandbox"]),
});

/** What is due and why. Where a run plans twice, the last one counts. */
const planRecord = z.object({
  type: z.literal("plan"),
  at,
  targets: z.array(
    z.object({
      target: z.string(),
      reasons: z.array(z.object({ kind: z.string(), text: z.string(), cves: z.array(z.string()) })),
      /** What is published of it weighs so much, by platform. */
      before: z.record(z.string(), z.object(weight)),
      /** Names what it would be made of, where that was asked for. */
      fingerprint: z.string().optional(),
    }),
  ),
  upToDate: z.number(),
  unavailable: z.number(),
  unknown: z.array(z.object({ problem: z.string(), targets: z.number() })),
  /** What else the plan tells: versions that end, mistakes of the catalog. */
  remarks: z.array(z.string()),
});

const doneRecord = z.object({
  type: z.literal("done"),
  ...ofTarget,
  digest: z.string(),
  tags: z.array(z.string()),
  uploadedBytes: bytes,
  platforms: z.array(z.object({ platform: z.string(), ...weight })),
});

const failedRecord = z.object({
  type: z.literal("failed"),
  ...ofTarget,
  stage,
  message: z.string(),
  repeat: z.string(),
});

/** In how many runs a target failed in a row, this one included, and when the first of them began. */
const streakRecord = z.object({ type: z.literal("streak"), ...ofTarget, runs: z.number(), since: at });

/** The last line. */
const endRecord = z.object({
  type: z.literal("end"),
  at,
  exitCode: z.number(),
  error: z.string().optional(),
});

export const recordSchema = z.discriminatedUnion("type", [
  runRecord,
  planRecord,
  z.object({ type: z.literal("note"), at, text: z.string() }),
  z.object({ type: z.literal("engine"), at, title: z.string() }),
  z.object({ type: z.literal("started"), ...ofTarget, stage }),
  z.object({ type: z.literal("finished"), ...ofTarget, stage, seconds: z.number() }),
  failedRecord,
  z.object({ type: z.literal("held"), ...ofTarget, pair: z.string() }),
  z.object({ type: z.literal("unstarted"), ...ofTarget }),
  doneRecord,
  streakRecord,
  endRecord,
]);

/** One line of a journal. Times are ISO 8601, sizes bytes, durations seconds. */
export type JournalRecord = z.infer<typeof recordSchema>;
export type RunRecord = z.infer<typeof runRecord>;
export type PlanRecord = z.infer<typeof planRecord>;
/** A line of one type. */
export type RecordOf<Type extends JournalRecord["type"]> = Extract<JournalRecord, { type: Type }>;

/** A run's journal: its first line, and all the others in the order they were written. */
export interface RunJournal {
  readonly run: RunRecord;
  readonly records: readonly JournalRecord[];
}

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
 * @param fingerprints of targets: what they would be made of
 */
export function planRecordOf(
  planned: readonly PlannedTarget[],
  at: string,
  remarks: readonly string[],
  fingerprints: ReadonlyMap<string, string> = new Map(),
): PlanRecord {
  const due = planned.filter((one) => isDue(one));
  const blocked = planned.filter(({ obstacle }) => obstacle);
  return {
    type: "plan",
    at,
    targets: due.map(({ target, reasons, published }) => {
      const fingerprint = fingerprints.get(target.name);
      return {
        target: target.name,
        reasons: reasons.map((one) => reasonOf(one)),
        before: weightsOf(published?.sizes ?? new Map()),
        ...(fingerprint !== undefined && { fingerprint }),
      };
    }),
    upToDate: planned.filter((one) => !isDue(one) && !one.obstacle && !one.leftOut).length,
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
