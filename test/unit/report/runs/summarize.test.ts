import { describe, expect, it, test } from "vitest";
import { type RunSummary, type RunTarget, STAGES } from "../../../../scripts/model/run.ts";
import type { JournalRecord } from "../../../../scripts/report/runs/record.ts";
import { failureStreaks, summaryOf } from "../../../../scripts/report/runs/summarize.ts";
import { at, done, failed, night, PLAN, RECORDS, RUN, SUMMARY } from "./sample-journal.ts";

describe("summaryOf", () => {
  const summary = () => summaryOf({ run: RUN, records: RECORDS });

  it("tells what became of each target, in the order of the plan", () => {
    expect(summary().targets.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "node:22 done",
      "node:22-dev done",
      "lua:5.4 failed",
      "lua:5.4-dev held",
    ]);
    expect(summary().targets[0]).toEqual({
      target: "node:22",
      status: "done",
      reasons: [expect.objectContaining({ kind: "packages", cves: ["CVE-2024-9143"] })],
      digest: `sha256:${"a".repeat(64)}`,
      tags: ["22", "22.16"],
      uploadedBytes: 1_000_000,
      platforms: [
        {
          ...{ platform: "linux/amd64", compressed: 28_000_000, unpacked: 79_000_000 },
          before: { compressed: 29_000_000, unpacked: 80_000_000 },
        },
      ],
      seconds: { build: 20, smoke: 3.5, publish: 0.5 },
    });
    expect(summary().targets[1]?.platforms[0]).not.toHaveProperty("before");
    expect(summary().targets[2]).toMatchObject({
      failure: {
        stage: "build",
        message: "no such package: lau5.4",
        repeat: "npm run -s birdhouse -- build lua:5.4",
      },
      ...{ failedRuns: 3, failingSince: "2026-11-23T03:00:00.000Z" },
      ...{ tags: [], platforms: [], seconds: { build: 5, smoke: 0, publish: 0 } },
    });
  });

  it("tells what run it was, and how it ended", () => {
    expect(summary()).toMatchObject({
      ...{ id: RUN.id, started: at(0), ended: at(60), exitCode: 1, version: "0.1.0", profile: "catalog" },
      ...{ command: RUN.command, registry: RUN.registry, engine: "buildah 1.28.2" },
      ...{ upToDate: 70, unavailable: 2, unknown: [] },
      notes: [expect.stringContaining("node:22 reaches end of life on"), "took over the lock of somebody"],
    });
    expect(summary()).not.toHaveProperty("error");
    expect(night({ type: "end", at: at(1), exitCode: 3, error: "locked" })).toMatchObject({
      ...{ exitCode: 3, error: "locked", targets: [] },
    });
  });

  it("of a run that was killed has no end, and what had not been done by then is unstarted", () => {
    const killed = summaryOf({ run: RUN, records: RECORDS.slice(0, 6) });
    expect(killed).not.toHaveProperty("ended");
    expect(killed).not.toHaveProperty("exitCode");
    expect(killed.targets.map(({ status }) => status)).toEqual([
      ...["unstarted", "unstarted", "failed", "unstarted"],
    ]);
    expect(killed.targets[2]?.failedRuns).toBe(1);
  });

  it("of a target that failed at each stage has how long each took, and of a run without a plan no targets", () => {
    if (PLAN.type !== "plan") throw new Error("no plan");
    const ends = STAGES.flatMap((stage, index): JournalRecord[] => [
      { type: "started", at: at(10 * index), target: "lua:5.4", stage },
      { type: "finished", at: at(10 * index + 9), target: "lua:5.4", stage, seconds: index + 1 },
    ]);
    const [target] = night(
      { ...PLAN, targets: PLAN.targets.slice(2, 3) },
      ...ends,
      ...failed("lua:5.4-dev"),
    ).targets;
    expect(target).toEqual({
      ...{ target: "lua:5.4", status: "unstarted", reasons: expect.any(Array), tags: [], uploadedBytes: 0 },
      ...{ platforms: [], seconds: { build: 1, smoke: 2, publish: 3 } },
    });
    const late = failed("lua:5.4").map((one) =>
      one.type === "started" ? { ...one, stage: "smoke" as const } : one,
    );
    expect(night(PLAN, ...late).targets[2]?.seconds).toEqual({ build: 0, smoke: 0, publish: 0 });
    const empty = night(...failed("lua:5.4"));
    expect(empty).toMatchObject({ targets: [], upToDate: 0, unavailable: 0, unknown: [], notes: [] });
    for (const key of ["engine", "ended", "exitCode", "error"]) expect(empty).not.toHaveProperty(key);
  });

  it("takes the last plan where a run made two", () => {
    if (PLAN.type !== "plan") throw new Error("no plan");
    const second = { ...PLAN, targets: PLAN.targets.slice(2) };
    const names = night(PLAN, second, done("lua:5.4"), ...failed("lua:5.4-dev")).targets;
    expect(names.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "lua:5.4 done",
      "lua:5.4-dev failed",
    ]);
  });
});

type Became = Partial<RunTarget> & Pick<RunTarget, "status">;

/** A night of November: what became of `lua:5.4` in it, if it was due. */
function nightOf(day: number, became?: Became, changes: Partial<RunSummary> = {}): RunSummary {
  const [sample] = SUMMARY.targets;
  if (!sample) throw new Error("no sample");
  const targets = became ? [{ ...sample, target: "lua:5.4", ...became }] : [];
  return { ...SUMMARY, started: `2026-11-${day}T03:00:00Z`, targets, ...changes };
}

/** A run that was killed has no end. */
function killed({ ended: _, ...summary }: RunSummary): RunSummary {
  return summary;
}

/** The streak of `lua:5.4`, which failed on the 25th. @param earlier the newest first */
async function streak(...earlier: RunSummary[]) {
  let read = 0;
  async function* reading() {
    for (const one of earlier) {
      read++;
      yield one;
    }
  }
  const streaks = await failureStreaks(["lua:5.4"], "2026-11-25T03:00:00Z", reading());
  const { runs, since } = streaks.get("lua:5.4") ?? {};
  return { runs, since: since?.slice(8, 10), read };
}

const FAILED: Became = { status: "failed", failedRuns: 1 };

test("a first failure is one", async () => {
  expect(await streak()).toEqual({ runs: 1, since: "25", read: 0 });
  expect(await streak(nightOf(24, { status: "done" }), nightOf(23, FAILED))).toEqual({
    ...{ runs: 1, since: "25", read: 1 },
  });
});

test("what the run before has counted is taken over, and nothing older is read", async () => {
  const before = nightOf(24, { status: "failed", failedRuns: 7, failingSince: "2026-11-18T03:00:00Z" });
  expect(await streak(before, nightOf(23, { status: "done" }))).toEqual({ runs: 8, since: "18", read: 1 });
});

test("runs in which it was not due, held back or not come to count for nothing", async () => {
  const between = [nightOf(24), nightOf(23, { status: "held" }), nightOf(22, { status: "unstarted" })];
  expect(await streak(...between, nightOf(21, FAILED))).toEqual({ runs: 2, since: "21", read: 4 });
  expect(await streak(...between, nightOf(21, { status: "done" }))).toMatchObject({ runs: 1, since: "25" });
});

test("runs that were killed have not counted, so that counting goes on behind them", async () => {
  const nights = [killed(nightOf(24, FAILED)), killed(nightOf(23, FAILED))];
  expect(await streak(...nights, nightOf(22, { ...FAILED, failedRuns: 4 }))).toMatchObject({ runs: 7 });
  expect(await streak(...nights, nightOf(22, { status: "done" }))).toMatchObject({ runs: 3, since: "23" });
});

test("where nothing failed nothing is read", async () => {
  const unreadable: AsyncIterable<RunSummary> = {
    [Symbol.asyncIterator]: () => {
      throw new Error("read");
    },
  };
  expect(await failureStreaks([], "2026-11-25T03:00:00Z", unreadable)).toEqual(new Map());
});
