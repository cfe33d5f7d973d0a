import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../../scripts/model/run.ts";
import {
  calledOut,
  failingText,
  formatTime,
  runsJson,
  runsText,
  verdictOf,
} from "../../../scripts/report/run-verdict.ts";
import {
  failedTarget,
  OPENSSL,
  sampleRun,
  sampleRunTarget,
  unstartedTarget,
  withoutEnd,
} from "../../support/sample-run.ts";

const done = sampleRunTarget({ target: "node:22", reasons: [], tags: ["22"] });
const held = sampleRunTarget({ target: "lua:5.4-dev", status: "held", reasons: [], tags: [] });
const failed = failedTarget("lua:5.4", "no lua", { failedRuns: 1 });
const unknown = [
  { problem: "HTTP 502", targets: 3 },
  { problem: "HTTP 503", targets: 12 },
];
const idle = { targets: [], upToDate: 74, unavailable: 0, unknown: [], exitCode: 0 };

describe("verdictOf", () => {
  it.each<[string, Partial<RunSummary>]>([
    ["1 of 1 target done", { targets: [done] }],
    [
      "1 of 4 targets done, 1 failed, 1 held back, 1 not started",
      { targets: [done, failed, held, unstartedTarget("go:1")] },
    ],
    ["1 of 1 target done; 2 CVEs fixed", { targets: [{ ...done, reasons: [OPENSSL] }] }],
    [
      "1 of 1 target done; 12 targets not compared; 3 unavailable",
      { targets: [done], unknown, unavailable: 3 },
    ],
    ["Nothing to do: 74 targets up to date", {}],
    ["Nothing to do: 74 targets up to date, 2 unavailable", { unavailable: 2 }],
    ["12 targets not compared; 74 targets up to date", { unknown, exitCode: 1 }],
    ["Something in the catalog must be fixed; 74 targets up to date", { exitCode: 2 }],
    ["It ended early: the disk is full", { error: "the disk is full\n→ make room", exitCode: 1 }],
    [
      "It ended early: the disk is full. By then: 1 of 1 target done",
      { error: "the disk is full", exitCode: 1, targets: [done] },
    ],
  ])("says: %s", (expected, changes) => {
    expect(verdictOf(sampleRun({ ...idle, ...changes }))).toBe(expected);
  });

  it("says that a run has not ended, and how far it came", () => {
    const told = "It has not ended: it was killed, or is still running";
    expect(verdictOf(withoutEnd(sampleRun(idle)))).toBe(told);
    expect(verdictOf(withoutEnd(sampleRun({ ...idle, targets: [done] })))).toBe(
      `${told}. By then: 1 of 1 target done`,
    );
  });
});

describe("what fails run after run", () => {
  it("is called out from the third run on, with the day on which it began", () => {
    const failing = (failedRuns: number, failingSince?: string) =>
      failedTarget("lua:5.4", "no", { failedRuns, ...(failingSince && { failingSince }) });
    expect(calledOut([done, failing(2), failing(3), failing(4, "2026-11-23T03:00:12Z")])).toEqual([
      "lua:5.4 has failed in 3 runs in a row",
      "lua:5.4 has failed in 4 runs in a row, since 2026-11-23 03:00 UTC",
    ]);
    expect(failingText("a:1", 5, undefined)).toBe("a:1 has failed in 5 runs in a row");
    expect(formatTime("2026-11-25T03:04:12Z")).toBe("2026-11-25 03:04 UTC");
  });
});

describe("the list of runs", () => {
  const ended = sampleRun({
    ...idle,
    id: "2026-11-25T030000Z-1",
    started: "2026-11-25T03:00:00Z",
    ended: "2026-11-25T03:01:15Z",
  });
  const killed = withoutEnd(
    sampleRun({ ...idle, id: "2026-11-24T030000Z-1", started: "2026-11-24T03:00:00Z", targets: [done] }),
  );

  it("has a line for each, the newest first", () => {
    expect(runsText([ended, killed])).toBe(
      `N  STARTED               TOOK    EXIT  ID                    VERDICT
1  2026-11-25 03:00 UTC  1m 15s  0     2026-11-25T030000Z-1  Nothing to do: 74 targets up to date
2  2026-11-24 03:00 UTC  -       -     2026-11-24T030000Z-1  ${verdictOf(killed)}`,
    );
    expect(runsText([])).toBe("No runs are recorded here yet.");
  });

  it("has the same for scripts, with null for what there is not", () => {
    expect(runsJson([ended, killed])).toEqual({
      runs: [
        {
          ...{
            id: ended.id,
            started: ended.started,
            ended: ended.ended,
            exitCode: 0,
            command: ended.command,
          },
          ...{ verdict: "Nothing to do: 74 targets up to date", targets: [] },
        },
        {
          ...{ id: killed.id, started: killed.started, ended: null, exitCode: null, command: killed.command },
          ...{ verdict: verdictOf(killed), targets: [{ target: "node:22", status: "done" }] },
        },
      ],
    });
  });
});
