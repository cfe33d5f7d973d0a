import { describe, expect, it } from "vitest";
import { summaryOf } from "../../../../scripts/report/runs/summarize.ts";
import { at, done, failed, night, PLAN, RECORDS, RUN, SUMMARY } from "./sample-journal.ts";

describe("summaryOf", () => {
  it("tells what became of each target, in the order of the plan", () => {
    expect(SUMMARY.targets.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "node:22 done",
      "node:22-dev done",
      "lua:5.4 failed",
      "lua:5.4-dev held",
    ]);
    expect(SUMMARY.targets[0]).toEqual({
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
    expect(SUMMARY.targets[1]?.platforms[0]).not.toHaveProperty("before");
    expect(SUMMARY.targets[2]).toMatchObject({
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
    expect(SUMMARY).toMatchObject({
      ...{ id: RUN.id, started: at(0), ended: at(60), exitCode: 1, version: "0.1.0", profile: "catalog" },
      ...{ command: RUN.command, registry: RUN.registry, engine: "buildah 1.28.2" },
      ...{ upToDate: 70, unavailable: 2, unknown: [] },
      notes: [expect.stringContaining("node:22 reaches end of life on"), "took over the lock of somebody"],
    });
    expect(SUMMARY).not.toHaveProperty("error");
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
