import { describe, expect, it } from "vitest";
import { emptyLedger, type Ledger, type LedgerEntry } from "../../../scripts/model/ledger.ts";
import { type Scan, scanJson, scanText } from "../../../scripts/report/scan.ts";
import { digest } from "./sample-outcomes.ts";

/** A scan in which there is some of everything that a scan can tell, and all that people and scripts are told of it. */

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 2));
const time = (number: number) => day(number).toISOString();

const entry = (id: string, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ id, package: "tar", installed: "1-r0", platforms: ["linux/amd64"], sources: ["grype"] },
  firstSeen: time(2),
  ...changes,
});
const ledger = (target: string, ...entries: readonly LedgerEntry[]): Ledger => ({
  ...emptyLedger(target),
  entries,
});

const LATER = entry("CVE-2026-1", { firstSeen: time(4) });
const EARLIER = entry("CVE-2026-1");
const ACCEPTED = entry("CVE-2026-2", {
  severity: "high",
  exception: { kind: "accepted", reason: "No way in.", until: "2027-01-01" },
});
const FIX = { version: "1-r1", since: time(3) };
const WAITING = entry("CVE-2026-3", { fixedByAlpine: FIX });
const FRESH = entry("CVE-2026-1", { firstSeen: time(6) });
const GOING = entry("CVE-2026-4", { fixedByAlpine: FIX });
const GONE = { ...GOING, publishedByUs: { digest: digest("b"), time: time(5) } };
/** Published without a fix of Alpine's, as where the package was taken out. */
const REMOVED = entry("CVE-2026-5", { publishedByUs: { digest: digest("b"), time: time(5) } });
/** Published before the last scan: told of then, and not again. */
const OLD = entry("CVE-2026-6", { publishedByUs: { digest: digest("a"), time: time(3) } });
const TAKEN_BACK = entry("CVE-2026-7", { withdrawn: time(6) });
const OLD_TAKEN_BACK = entry("CVE-2026-8", { withdrawn: time(4) });
const BETWEEN = entry("CVE-2026-9", {
  fixedByAlpine: FIX,
  publishedByUs: { digest: digest("b"), time: time(6) },
});

const SCAN: Scan = {
  scanner: "grype",
  isDry: false,
  unknown: ["Alpine's list of fixes for 3.22", "a database"],
  targets: [
    {
      ...{ target: "node:22", digest: digest("b"), sources: ["secdb", "grype"], problems: [] },
      vex: ["linux/amd64", "linux/arm64"],
      before: ledger(
        "node:22",
        LATER,
        ACCEPTED,
        GOING,
        entry("CVE-2026-5"),
        OLD,
        entry("CVE-2026-7"),
        OLD_TAKEN_BACK,
      ),
      after: ledger("node:22", LATER, ACCEPTED, GONE, REMOVED, OLD, TAKEN_BACK, OLD_TAKEN_BACK, BETWEEN),
    },
    {
      ...{ target: "node:24", digest: digest("c"), sources: ["grype"], problems: ["one", "two"] },
      vex: ["linux/amd64"],
      before: ledger("node:24", EARLIER, GOING, entry("CVE-2026-7")),
      after: ledger("node:24", EARLIER, WAITING, GONE, TAKEN_BACK),
    },
    { target: "lua:5.4", digest: digest("d"), after: ledger("lua:5.4", FRESH), problems: [] },
    { target: "go:1.24", problems: ["it is away"] },
  ],
};

const lines = (text: string) => text.split("\n").map((line) => line.trimEnd());

describe("scanText", () => {
  it("tells each vulnerability once, with all that have it, then what changed, and counts", () => {
    expect(lines(scanText(SCAN, day(7)))).toEqual([
      "OPEN        FOR     SEVERITY  FIX       INSTALLED  HELD BY",
      "CVE-2026-1  5 days  -         none yet  tar 1-r0   node:22 node:24 lua:5.4",
      "CVE-2026-2  5 days  high      none yet  tar 1-r0   node:22 (accepted until 2027-01-01: No way in.)",
      "CVE-2026-3  new     -         1-r1      tar 1-r0   node:24",
      "",
      "FIXED AND PUBLISHED  TOOK    FIX   WAS IN    OF",
      "CVE-2026-4           2 days  1-r1  tar 1-r0  node:22 node:24",
      "CVE-2026-5           -       -     tar 1-r0  node:22",
      "CVE-2026-9           3 days  1-r1  tar 1-r0  node:22",
      "",
      "No longer reported for the same build:",
      "node:22: CVE-2026-7 in tar",
      "node:24: CVE-2026-7 in tar",
      "",
      "The catalog's exceptions were attached again as OpenVEX: node:22 (linux/amd64, linux/arm64), node:24 (linux/amd64)",
      "",
      "Could not be found out:",
      "Alpine's list of fixes for 3.22",
      "a database",
      "",
      "✖ node:24: one",
      "✖ node:24: two",
      "✖ go:1.24: it is away",
      "",
      "3 of 4 targets published, looked at by Alpine's list of fixes and grype: 5 open (2 new, 1 fixed by Alpine, 1 excepted), 4 fixed and published.",
      "From Alpine's fix to ours: half within 2 days, 95 of 100 within 3 days (3 in 180 days). 1 still waits, the longest for 4 days.",
    ]);
  });

  it("says that a dry run wrote nothing down", () => {
    const target = { target: "lua:5.4", digest: digest("d"), problems: [], sources: ["trivy"] as const };
    expect(scanText({ scanner: "trivy", isDry: true, unknown: [], targets: [target] }, day(7))).toBe(
      [
        "1 of 1 target published, looked at by trivy: 0 open (0 new, 0 fixed by Alpine, 0 excepted), 0 fixed and published. Nothing was written down.",
        "No fix of Alpine's was published in 180 days, as far as ledgers tell.",
      ].join("\n"),
    );
  });

  it("says where nobody looked what was open when somebody did, and nothing of what is open now", () => {
    const nobody =
      "and nobody looked: neither a list of Alpine's fixes (sources.security) nor a scanner was there";
    const target = { target: "lua:5.4", digest: digest("d"), problems: [] };
    const textOf = (changes: object, isDry = false) =>
      lines(
        scanText({ scanner: undefined, isDry, unknown: [], targets: [{ ...target, ...changes }] }, day(7)),
      ).at(-2);
    expect(textOf({})).toBe(`1 of 1 target published, ${nobody}. Nobody can tell what is open now.`);
    const before = ledger("lua:5.4", EARLIER, ACCEPTED);
    expect(textOf({ before, after: before }, true)).toBe(
      `1 of 1 target published, ${nobody}. Nobody can tell what is open now. At the last look 2 were open. Nothing was written down.`,
    );
  });
});

describe("scanJson", () => {
  it("is the same for scripts, in full", () => {
    const one = (id: string, changes: object = {}) => ({
      ...{ id, package: "tar", installed: "1-r0", severity: null, platforms: ["linux/amd64"] },
      ...{ sources: ["grype"], firstSeen: "2026-11-02T02:00:00.000Z", fixedByAlpine: null },
      ...{ publishedByUs: null, exception: null, latencySeconds: null },
      ...changes,
    });
    const fixedByAlpine = { version: "1-r1", since: "2026-11-03T02:00:00.000Z" };
    const publishedByUs = { digest: digest("b"), time: "2026-11-05T02:00:00.000Z" };
    const gone = one("CVE-2026-4", { fixedByAlpine, publishedByUs, latencySeconds: 2 * 86_400 });
    expect(scanJson(SCAN, day(7))).toEqual({
      ...{ at: "2026-11-07T02:00:00.000Z", scanner: "grype", dryRun: false },
      scan: [
        {
          ...{ target: "node:22", digest: digest("b"), sources: ["secdb", "grype"], problems: [] },
          open: [
            one("CVE-2026-1", { firstSeen: "2026-11-04T02:00:00.000Z", new: false }),
            one("CVE-2026-2", {
              ...{ severity: "high", new: false },
              exception: { kind: "accepted", reason: "No way in.", until: "2027-01-01" },
            }),
          ],
          published: [
            gone,
            one("CVE-2026-5", { publishedByUs }),
            one("CVE-2026-9", {
              ...{ fixedByAlpine, latencySeconds: 3 * 86_400 },
              publishedByUs: { digest: digest("b"), time: "2026-11-06T02:00:00.000Z" },
            }),
          ],
          vex: ["linux/amd64", "linux/arm64"],
        },
        {
          ...{ target: "node:24", digest: digest("c"), sources: ["grype"], problems: ["one", "two"] },
          open: [
            one("CVE-2026-1", { new: false }),
            one("CVE-2026-3", { fixedByAlpine, latencySeconds: 4 * 86_400, new: true }),
          ],
          ...{ published: [gone], vex: ["linux/amd64"] },
        },
        {
          ...{ target: "lua:5.4", digest: digest("d"), sources: [], problems: [], published: [], vex: [] },
          open: [one("CVE-2026-1", { firstSeen: "2026-11-06T02:00:00.000Z", new: true })],
        },
        {
          ...{ target: "go:1.24", digest: null, sources: [], problems: ["it is away"] },
          ...{ open: [], published: [], vex: [] },
        },
      ],
      latency: {
        ...{ published: 3, p50Seconds: 2 * 86_400, p95Seconds: 3 * 86_400 },
        ...{ waiting: 1, longestWaitingSeconds: 4 * 86_400 },
      },
      unknown: ["Alpine's list of fixes for 3.22", "a database"],
    });
  });

  it("has null where there was no scanner", () => {
    const nothing = { scanner: undefined, isDry: true, unknown: [], targets: [] };
    expect(scanJson(nothing, day(7))).toEqual({
      ...{ at: "2026-11-07T02:00:00.000Z", scanner: null, dryRun: true, scan: [], unknown: [] },
      latency: {
        ...{ published: 0, p50Seconds: null, p95Seconds: null, waiting: 0, longestWaitingSeconds: null },
      },
    });
  });
});
