import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../../scripts/model/run.ts";
import { largeRun } from "../../support/large-run.ts";
import { runHtml } from "../../support/run-page.ts";
import { failedTarget, sampleRun, sampleRunTarget, unstartedTarget } from "../../support/sample-run.ts";
import {
  BAD_RUN,
  EARLIER_RUNS,
  EARLIER_WITH_FAILURES,
  FIRST_RUN,
  IDLE_RUN,
  KILLED_RUN,
  MISCONFIGURED_RUN,
  TYPICAL_RUN,
} from "../../support/sample-runs.ts";
import { headingsOf, problemsOf, textOf } from "./html-page.ts";

const NIGHTS: readonly [string, RunSummary, readonly RunSummary[]][] = [
  ["a good night", TYPICAL_RUN, EARLIER_RUNS],
  ["a bad night", BAD_RUN, EARLIER_WITH_FAILURES],
  ["a night with nothing to do", IDLE_RUN, EARLIER_RUNS],
  ["a killed run", KILLED_RUN, EARLIER_RUNS.slice(0, 3)],
  ["the first run of all", FIRST_RUN, []],
  ["a run that could not begin", MISCONFIGURED_RUN, EARLIER_RUNS.slice(0, 1)],
  ["a large run", largeRun(100), EARLIER_RUNS],
];

describe("runHtml", () => {
  it.each(NIGHTS)("is well-formed for %s, and every table and picture says what it is", (_, run, earlier) => {
    expect(problemsOf(runHtml(run, earlier))).toEqual([]);
  });

  it.each(NIGHTS)("asks nothing of a network for %s, and runs no script", (_, run, earlier) => {
    const page = runHtml(run, earlier);
    expect(page).not.toMatch(/<script|<img|<iframe|url\(|@import|\ssrc=|\son\w+=/i);
    expect(page.match(/<link[^>]*>/g)).toEqual(['<link rel="icon" href="data:,">']);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
  });

  it("tells what failed before what was rebuilt, and what could not be found out in between", () => {
    expect(headingsOf(runHtml(BAD_RUN, EARLIER_WITH_FAILURES))).toEqual([
      "9 of 23 targets failed",
      "Failed",
      "Not compared",
      "Rebuilt, and why",
      "Vulnerabilities",
      "Notes",
      "Sizes",
      "Time",
      "Sent",
      "The last runs",
      "All targets",
    ]);
  });

  it("has no part without anything in it", () => {
    expect(headingsOf(runHtml(IDLE_RUN, []))).toEqual(["Nothing to do"]);
    expect(headingsOf(runHtml(MISCONFIGURED_RUN, []))).toEqual(["Something for you to fix"]);
  });

  it("says why a run could not begin, and that the sandbox is one", () => {
    expect(textOf(runHtml(MISCONFIGURED_RUN, []))).toContain("401 Unauthorized");
    expect(textOf(runHtml(FIRST_RUN, []))).toContain("not Alpine");
    expect(textOf(runHtml(TYPICAL_RUN, []))).not.toContain("not Alpine");
  });

  it("stays below a megabyte with 500 targets, even where all of them fail with much to say", () => {
    expect(runHtml(largeRun(500), EARLIER_RUNS).length).toBeLessThan(600_000);
    const failures = Array.from({ length: 500 }, (_, index) =>
      failedTarget(`image:${index}`, `${index}: ${"<&=\n".repeat(2000)}`),
    );
    expect(runHtml(sampleRun({ exitCode: 1, targets: failures }), []).length).toBeLessThan(1_000_000);
  });
});

describe("what programs printed", () => {
  const evil = `<script>alert("1")</script> & 'quoted' \`x\` \u001b[31mred\u001b[0m \u202etxt.exe\u0007\rdone`;
  const target = failedTarget(evil, evil, {
    reasons: [{ kind: evil, text: evil, cves: [evil, "CVE-2026-1111"] }],
  });
  const published = sampleRunTarget({
    target: evil,
    reasons: target.reasons,
    tags: [evil],
    digest: evil,
    platforms: [{ platform: evil, compressed: 2, unpacked: 3, before: { compressed: 1, unpacked: 2 } }],
  });
  const everywhere = sampleRun({
    exitCode: 1,
    id: evil,
    version: evil,
    command: evil,
    registry: evil,
    engine: evil,
    error: evil,
    targets: [target, published, unstartedTarget(evil)],
    unknown: [{ problem: evil, targets: 1 }],
    notes: [evil],
  });
  const page = runHtml(everywhere, [everywhere]);

  it("is a text wherever it comes to stand", () => {
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;quoted&#x27;");
    expect(problemsOf(page)).toEqual([]);
  });

  it("loses what is meant for a terminal, and what shows it in another order", () => {
    expect(page).not.toMatch(/[\0-\x08\x0b-\x1f\x7f\u202a-\u202e]/);
    expect(page).not.toContain("[31m");
    expect(page).toContain("red txt.exe\ndone");
  });
});

describe("a failure", () => {
  const page = (message: string, failedRuns: number, failingSince?: string) => {
    const failed = failedTarget("lua:5.4", message, { failedRuns, ...(failingSince && { failingSince }) });
    return textOf(runHtml(sampleRun({ exitCode: 1, targets: [failed] }), []));
  };

  it("is told with its stage, and since when it comes again", () => {
    expect(page("no lua", 1)).toContain("lua:5.4 smoke failed for the first time no lua");
    expect(page("no lua", 3, "2026-11-22T03:00:00Z")).toContain("for 3 runs in a row, since 22 Nov");
    expect(page("no lua", 3)).toContain("for 3 runs in a row no lua");
  });

  it("comes with the command that repeats it", () => {
    const repeat = "make smoke lua:5.4";
    const failed = failedTarget("lua:5.4", "no lua", {
      failure: { stage: "smoke", message: "no lua", repeat },
    });
    expect(textOf(runHtml(sampleRun({ exitCode: 1, targets: [failed] }), []))).toContain(
      `To repeat it: ${repeat}`,
    );
  });

  it("of many targets is told once, with their names", () => {
    const targets = ["a:1", "a:2", "b:1"].map((name) => failedTarget(name, "the registry is away"));
    const text = textOf(runHtml(sampleRun({ exitCode: 1, targets }), []));
    expect(text.match(/the registry is away/g)).toHaveLength(1);
    expect(text).toContain("3 targets smoke failed for the first time a:1 a:2 b:1 the registry is away");
  });

  it("that printed much shows its beginning and its end, and folds what lies between", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}.`);
    const text = page(lines.join("\n"), 1);
    expect(text).toContain("line 2. 25 lines between line 3.");
    expect(text).toContain("line 27. line 28.");
    expect(page("x".repeat(20_000), 1)).toContain("… 14000 characters left out");
  });
});
