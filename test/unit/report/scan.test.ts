import { describe, expect, it } from "vitest";
import { emptyLedger, type Finding, withLook } from "../../../scripts/model/ledger.ts";
import { formatWait, latencyText } from "../../../scripts/report/latency-text.ts";
import { type Scan, scanJson, scanText } from "../../../scripts/report/scan.ts";
import { digest } from "./sample-outcomes.ts";

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 2));
const finding = (changes: Partial<Finding>): Finding => ({
  ...{ id: "CVE-2026-1", package: "libssl3", installed: "3.3.2-r0", platforms: ["linux/amd64"] },
  sources: ["secdb"],
  ...changes,
});
const look = (number: number, letter: string, findings: Finding[], installed = "3.3.2-r0") => ({
  ...{ at: day(number), digest: digest(letter), published: day(number - 1), sources: ["secdb"] as const },
  ...{ findings, before: [], installed: new Map([["libssl3", [installed]]]) },
});

const FIXED = finding({ fixed: "3.3.2-r1", severity: "high" });
const EXCEPTED = finding({
  ...{ id: "CVE-2026-2", package: "busybox", installed: "1.37-r0" },
  exception: { kind: "not_affected", reason: "No shell.", until: "2027-01-01" },
});

function scanOf(hostile = ""): Scan {
  const node = withLook(emptyLedger("node:22"), look(2, "a", [FIXED, EXCEPTED]));
  const python = withLook(emptyLedger("python:3.12"), look(2, "a", [FIXED]));
  const fresh = finding({ id: `CVE-2026-3${hostile}`, package: "tar" });
  return {
    scanner: "grype",
    isDry: false,
    unknown: [],
    targets: [
      {
        ...{ target: "node:22", digest: digest("b"), before: node, problems: [] },
        sources: ["secdb", "grype"],
        after: withLook(node, look(6, "b", [EXCEPTED], "3.3.2-r1")),
      },
      {
        ...{
          target: "python:3.12",
          digest: digest("a"),
          before: python,
          problems: [`grype failed${hostile}`],
        },
        after: withLook(python, look(6, "a", [FIXED, fresh])),
      },
      { target: "go:1.24", problems: [] },
    ],
  };
}

describe("scanText", () => {
  it("tells what is open, what was fixed, what went wrong, and how long fixes take", () => {
    expect(`\n${scanText(scanOf(), day(6), 100)}\n`).toMatchInlineSnapshot(`
      "
      OPEN        FOR     SEVERITY  FIX       INSTALLED         HELD BY
      CVE-2026-2  4 days  -         none yet  busybox 1.37-r0   node:22 (not affected until 2027-01-01: No
                                                                shell.)
      CVE-2026-1  4 days  high      3.3.2-r1  libssl3 3.3.2-r0  python:3.12
      CVE-2026-3  new     -         none yet  tar 3.3.2-r0      python:3.12

      FIXED AND PUBLISHED  TOOK    FIX       WAS IN            OF
      CVE-2026-1           3 days  3.3.2-r1  libssl3 3.3.2-r0  node:22

      ✖ python:3.12: grype failed

      2 of 3 targets published, looked at by Alpine's list of fixes and grype: 3 open (1 new, 1 fixed by
        Alpine, 1 excepted), 1 fixed and published.
      From Alpine's fix to ours: half within 3 days, 95 of 100 within 3 days (1 in 180 days). 1 still
        waits, the longest for 4 days.
      "
    `);
  });

  it("shows as text what somebody wrote to be obeyed", () => {
    const text = scanText(scanOf("\u001b[2J\n✔ all is well"), day(6), 100);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^✔/m);
  });
});

describe("scanText, where there is nothing to look with", () => {
  it("says so", () => {
    const targets = [{ target: "node:22", digest: digest("a"), problems: [] }];
    const text = scanText({ scanner: undefined, isDry: false, unknown: [], targets }, day(6));
    expect(text).toContain("1 of 1 target published, and nobody looked: neither a list");
  });
});

describe("scanJson", () => {
  it("has times in seconds, and null where there is none", () => {
    const { scan, latency } = scanJson(scanOf(), day(6));
    expect(scan.map(({ target, open, published }) => [target, open.length, published.length])).toEqual([
      ["node:22", 1, 1],
      ["python:3.12", 2, 0],
      ["go:1.24", 0, 0],
    ]);
    expect(latency).toEqual({
      ...{ published: 1, p50Seconds: 3 * 86_400, p95Seconds: 3 * 86_400 },
      ...{ waiting: 1, longestWaitingSeconds: 4 * 86_400 },
    });
  });
});

describe("formatWait", () => {
  it.each([
    [90_000, "2 minutes"],
    [3_600_000, "1 hour"],
    [47 * 3_600_000, "47 hours"],
    [48 * 3_600_000, "2 days"],
    [5.25 * 86_400_000, "5.3 days"],
    [7 * 86_400_000, "7 days"],
  ])("%i ms: %s", (ms, text) => expect(formatWait(ms)).toBe(text));
});

describe("latencyText", () => {
  it("says how many wait, and nothing where none does", () => {
    const took = { published: 2, p50: 3_600_000, p95: 7_200_000 };
    const text = "From Alpine's fix to ours: half within 1 hour, 95 of 100 within 2 hours (2 in 180 days).";
    expect(latencyText({ ...took, waiting: 0, longestWaiting: undefined })).toBe(text);
    expect(latencyText({ ...took, waiting: 1, longestWaiting: 60_000 })).toBe(
      `${text} 1 still waits, the longest for 1 minute.`,
    );
    expect(latencyText({ ...took, waiting: 2, longestWaiting: 60_000 })).toBe(
      `${text} 2 still wait, the longest for 1 minute.`,
    );
  });
});
