import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../../scripts/model/run.ts";
import { runMarkdown } from "../../../scripts/report/run-markdown.ts";
import { runHtml } from "../../support/run-page.ts";
import {
  BASE,
  failedTarget,
  LUA,
  MISSING,
  OPENSSL,
  PYTHON,
  pair,
  sampleRun,
  sampleRunTarget,
  unstartedTarget,
  weigh,
  withoutEnd,
} from "../../support/sample-run.ts";

/**
 * Whole pages as a browser gets them, but for the style sheet: whoever changes what is on one sees here what comes of
 * it. `npx vitest -u` writes them anew: read them before you commit them.
 */
const expectGolden = (name: string, page: string) =>
  expect(page.replace(/<style>.*<\/style>/s, "<style></style>")).toMatchFileSnapshot(
    `../../golden/${name}.html.txt`,
  );

const PRINTED = [
  "buildah ended with exit code 1",
  "STEP 2/9: RUN apk add lua5.4",
  "WARNING: fetching http://127.0.0.1:5080/v3.22/main: connection refused",
  "ERROR: unable to select packages:",
  "the command was: buildah build images/lua",
  "→ see whether the mirror runs",
].join("\n");
const LONG = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
const again = (failedRuns: number) => ({ failedRuns, failingSince: "2026-11-22T03:00:00Z" });
const COUNTED = { kind: "packages", text: "zlib 1.3.1-r1 → 1.3.1-r2, 12 more", cves: ["CVE-2026-1"] };

/** A night in which everything happened that can happen. */
const EVERYTHING = sampleRun({
  exitCode: 1,
  error: "the disk is full\n→ make room",
  profile: "sandbox",
  upToDate: 60,
  unavailable: 2,
  unknown: [
    { problem: "the mirror answered with HTTP 502", targets: 1 },
    { problem: "a time ran out", targets: 3 },
  ],
  notes: ["node:20 reaches end of life on 2027-04-30", "took over the lock of somebody"],
  targets: [
    ...pair("node:22", [OPENSSL], [52.5, 50], [140, 141], [10, 20, 4, 1]),
    ...pair("php:8.4", [], [12, 12], [90, 90], [0, 9, 3, 2]),
    sampleRunTarget({ target: "go:1", reasons: [OPENSSL, BASE], tags: [], uploadedBytes: 0 }),
    sampleRunTarget({
      target: "zig:1",
      reasons: [MISSING],
      platforms: [weigh(40)],
      uploadedBytes: 1_000_000,
    }),
    sampleRunTarget({ target: "jq:1", reasons: [COUNTED], platforms: [weigh(2, 2.001)], uploadedBytes: 900 }),
    failedTarget("lua:5.4", PRINTED, { ...again(4), reasons: [LUA] }),
    failedTarget("lua:5.4-dev", PRINTED, { ...again(4), reasons: [LUA] }),
    failedTarget("python:3.12", LONG, { reasons: [PYTHON] }),
    failedTarget("ruby:3.4", "it should print hello", {
      failure: { stage: "publish", message: "it should print hello", repeat: "make publish ruby:3.4" },
      ...{ failedRuns: 2, reasons: [] },
    }),
    unstartedTarget("ruby:3.4-dev", [], "held"),
    unstartedTarget("perl:5"),
  ],
});
const EARLIER: readonly RunSummary[] = [
  sampleRun({ nightsAgo: 1, targets: pair("node:22", [OPENSSL], [50, 49], [141, 140], [10, 20, 4, 1]) }),
  withoutEnd(sampleRun({ nightsAgo: 2, targets: [failedTarget("lua:5.4", "no lua")] })),
  ...[3, 4, 5, 6, 7].map((nightsAgo) => sampleRun({ nightsAgo, seconds: 9, upToDate: 70 })),
];

describe("a run's page", () => {
  it("has all that there is to tell of a night in which everything happened", async () => {
    await expectGolden("page-everything", runHtml(EVERYTHING, EARLIER));
  });

  it("has the same in Markdown, in short", async () => {
    const notes = Array.from({ length: 22 }, (_, index) => `note ${index}`);
    await expect(runMarkdown({ ...EVERYTHING, notes })).toMatchFileSnapshot(
      "../../golden/page-everything.md.txt",
    );
  });

  it("has nothing to tell of a night in which nothing happened", async () => {
    await expectGolden("page-nothing", runHtml(sampleRun({ upToDate: 74 }), []));
  });

  it("says that all was done, with no run before it to compare with", async () => {
    const targets = [
      sampleRunTarget({ target: "zig:1", reasons: [MISSING], platforms: [weigh(40)] }),
      sampleRunTarget({ target: "lua:5.4", reasons: [MISSING], platforms: [weigh(3)], uploadedBytes: 3e6 }),
    ];
    await expectGolden("page-done", runHtml(sampleRun({ targets }), []));
  });

  it("says what was left, where nothing failed", async () => {
    const targets = [
      sampleRunTarget({
        target: "node:22",
        platforms: [weigh(50, 50)],
        seconds: { build: 5, smoke: 0, publish: 0 },
      }),
      unstartedTarget("lua:5.4"),
      unstartedTarget("zig:1"),
    ];
    await expectGolden("page-left", runHtml(sampleRun({ targets }), EARLIER.slice(0, 1)));
  });
});
