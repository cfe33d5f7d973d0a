import { type RunSummary, STAGES } from "../../../../scripts/model/run.ts";
import type { JournalRecord, RunRecord } from "../../../../scripts/report/runs/record.ts";
import { summaryOf } from "../../../../scripts/report/runs/summarize.ts";

/** The time of so many seconds past three at night. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 25, 3, 0, seconds)).toISOString();
}

export const RUN: RunRecord = {
  ...{ type: "run", format: 1, at: at(0), id: "2026-11-25T030000Z-4711", version: "0.1.0", verb: "rebuild" },
  ...{ command: "npm run -s birdhouse -- rebuild", registry: "registry.example/base", profile: "catalog" },
};

const REASON = {
  kind: "packages",
  text: "libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)",
  cves: ["CVE-2024-9143"],
};
const MISSING = { kind: "missing", text: "missing in the registry", cves: [] };

/** A plan of four targets: `node:22` and `lua:5.4`, both variants of each. */
export const PLAN: JournalRecord = {
  ...{ type: "plan", at: at(1), upToDate: 70, unavailable: 2 },
  targets: [
    {
      target: "node:22",
      reasons: [REASON],
      before: { "linux/amd64": { compressed: 29_000_000, unpacked: 80_000_000 } },
    },
    { target: "node:22-dev", reasons: [{ kind: "pair", text: "its pair", cves: [] }], before: {} },
    { target: "lua:5.4", reasons: [MISSING], before: {} },
    { target: "lua:5.4-dev", reasons: [MISSING], before: {} },
  ],
  unknown: [],
  remarks: ["node:22 reaches end of life on 2027-04-30 (156 days) and will not be rebuilt after that."],
};

/** A target that was published. */
export function done(target: string): JournalRecord {
  return {
    ...{ type: "done", at: at(40), target, digest: `sha256:${"a".repeat(64)}`, tags: ["22", "22.16"] },
    uploadedBytes: 1_000_000,
    platforms: [{ platform: "linux/amd64", compressed: 28_000_000, unpacked: 79_000_000 }],
  };
}

/** How long its stages took. */
function finished(target: string): JournalRecord[] {
  const seconds = { build: 20, smoke: 3.5, publish: 0.5 };
  return STAGES.map((stage) => ({
    ...{ type: "finished", at: at(39), target, stage, seconds: seconds[stage] },
  }));
}

/** A target whose build failed after five seconds. */
export function failed(target: string): JournalRecord[] {
  return [
    { type: "started", at: at(10), target, stage: "build" },
    {
      ...{ type: "failed", at: at(15), target, stage: "build", message: "no such package: lau5.4" },
      repeat: `npm run -s birdhouse -- build ${target}`,
    },
  ];
}

/** A night in which one version was published and the other failed. */
export const RECORDS: readonly JournalRecord[] = [
  RUN,
  PLAN,
  { type: "engine", at: at(2), title: "buildah 1.28.2" },
  { type: "note", at: at(3), text: "took over the lock of somebody" },
  ...failed("lua:5.4"),
  { type: "held", at: at(15), target: "lua:5.4-dev", pair: "lua:5.4" },
  ...finished("node:22"),
  done("node:22"),
  done("node:22-dev"),
  { type: "streak", at: at(50), target: "lua:5.4", runs: 3, since: "2026-11-23T03:00:00.000Z" },
  { type: "end", at: at(60), exitCode: 1 },
];

/** What a night came to that has these lines besides the first. */
export function night(...records: readonly JournalRecord[]): RunSummary {
  return summaryOf({ run: RUN, records: [RUN, ...records] });
}

/** What that night came to. */
export const SUMMARY: RunSummary = summaryOf({ run: RUN, records: RECORDS });
