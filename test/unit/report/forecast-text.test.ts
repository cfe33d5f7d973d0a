import { describe, expect, it } from "vitest";
import type { Forecast } from "../../../scripts/plan/forecast.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { forecastText, leftOutText, limitText } from "../../../scripts/report/forecast-text.ts";
import { planText } from "../../../scripts/report/plan-text.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

const FORECAST: Forecast = {
  ...{ targets: 529, releases: 257, seconds: 9_876, bytes: 61_234_567_890, basis: "sizes", known: 82 },
};

function release(version: string, changes: Partial<PlannedTarget> = {}): PlannedTarget[] {
  const { runtime, dev } = sampleRelease({ version });
  return [runtime, dev].map((target) =>
    samplePlanned(target, { reasons: [{ kind: "missing" }], ...changes }),
  );
}

describe("forecastText", () => {
  it("says how much, how long, and that it only goes by sizes", () => {
    expect(forecastText(FORECAST)).toBe(
      "This run: 529 targets of 257 versions, about 2h 30m, and at most 61.2 GB of packages and images " +
        "(by the sizes known of 82 of them and 20 seconds for each version, as no past run of this machine tells).",
    );
  });

  it("admits that it knows no size", () => {
    expect(forecastText({ ...FORECAST, known: 0 })).toContain(
      "(by usual sizes and 20 seconds for each version",
    );
  });

  it("says so where it goes by the machine's own past", () => {
    const few = { ...FORECAST, basis: "runs", targets: 2, releases: 1, known: 2, bytes: 150e6 } as const;
    expect(forecastText({ ...few, seconds: 47 })).toBe(
      "This run: 2 targets of 1 version, about 45s, and at most 150 MB of packages and images " +
        "(by what 2 of them took in this machine's past runs).",
    );
  });

  it.each([
    [1, "5s"],
    [59, "1m"],
    [60, "1m"],
    [590, "10m"],
    [610, "10m"],
    [7_200, "2h"],
    [100, "1m 30s"],
    [2_000, "35m"],
    [6_900, "1h 55m"],
    [30_000, "8h 30m"],
  ])("is no more exact than it can be: %d s", (seconds, told) => {
    expect(forecastText({ ...FORECAST, seconds })).toContain(`about ${told},`);
  });
});

describe("leftOutText", () => {
  const old = ["10", "8", "6", "4"].flatMap((version) =>
    release(version, { support: "archived", leftOut: "archived" }),
  );

  it("is empty where nothing is left out", () => {
    expect(leftOutText(release("22"))).toBe("");
  });

  it("tells what has ended, and how to build it", () => {
    expect(leftOutText(old)).toBe(
      "left out, as they have ended and are not published: 8 targets of node:10, node:8, node:6 and 1 more\n" +
        `→ name a version to build it (${typed("rebuild", ["node:10"])}), ` +
        "or write archived: true in the catalog to have them all",
    );
  });

  it("tells what a limit leaves, and how many versions it let through", () => {
    const rest = release("20", { leftOut: "limit" });
    expect(limitText([...release("22"), ...rest, ...old])).toBe(
      "left for later runs by --limit 1: 2 targets of 1 version: node:20",
    );
    expect(leftOutText([...release("22"), ...rest, ...old]).split("\n")).toHaveLength(3);
  });

  it("tells what waits, since when it fails, when it is tried, and how to try it now", () => {
    const waiting = { runs: 5, since: "2026-11-20T03:00:00Z", until: new Date("2026-12-01T21:00:00Z") };
    const [runtime, dev] = release("23", { leftOut: "waiting" });
    if (!runtime || !dev) throw new Error("no sample");
    expect(leftOutText([{ ...runtime, waiting }, dev])).toBe(
      "waits, as it failed 5 runs in a row since 2026-11-20: node:23: tried again on 2026-12-01, " +
        `or as soon as an input or a package of it moves\n→ to try it now: ${typed("rebuild", ["node:23"])}`,
    );
  });

  it("tells in a line each what waits since another day or for another time", () => {
    const waiting = { runs: 5, since: "2026-11-20T03:00:00Z", until: new Date("2026-12-01T21:00:00Z") };
    const later = { ...waiting, runs: 6, until: new Date("2026-12-03T21:00:00Z") };
    const [first, second] = release("23", { leftOut: "waiting" });
    const [third] = release("21", { leftOut: "waiting" });
    if (!first || !second || !third) throw new Error("no sample");
    const planned = [
      { ...first, waiting },
      { ...second, waiting },
      { ...third, waiting: later },
    ];
    const moves = "or as soon as an input or a package of it moves";
    expect(leftOutText(planned).split("\n").slice(0, 2)).toEqual([
      `waits, as it failed 5 runs in a row since 2026-11-20: node:23, node:23-dev: tried again on 2026-12-01, ${moves}`,
      `waits, as it failed 6 runs in a row since 2026-11-20: node:21: tried again on 2026-12-03, ${moves}`,
    ]);
  });

  it("is part of the plan, which calls none of it up to date", () => {
    const text = planText([...release("22"), ...old], new Date());
    expect(text).toContain(leftOutText(old));
    expect(text).toMatch(/2 targets to rebuild, 0 up to date, 8 left out\.$/);
    expect(planText(old, new Date())).toMatch(/Nothing to do: 0 targets up to date, 8 left out\.$/);
    const newRegistry = "127.0.0.1:5000";
    expect(planText([...release("22"), ...old], new Date(), { newRegistry })).toMatch(
      /2 targets to rebuild, 8 left out\.$/,
    );
  });
});
