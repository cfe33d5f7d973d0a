import { expect, test } from "vitest";
import type { RunSummary, RunTarget } from "../../../../scripts/model/run.ts";
import { failureStreaks } from "../../../../scripts/report/runs/streak.ts";
import { SUMMARY } from "./sample-journal.ts";

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
