import { describe, expect, it } from "vitest";
import {
  type ForecastFacts,
  forecastOf,
  type PastTarget,
  releaseSeconds,
} from "../../../scripts/plan/forecast.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

const MB = 1e6;
const { runtime: node, dev: nodeDev } = sampleRelease();
const { runtime: lua, dev: luaDev } = sampleRelease({ image: "lua", version: "5.4" });
const due = [node, nodeDev, lua, luaDev].map((target) => samplePlanned(target));

const NOTHING: ForecastFacts = { past: new Map(), sizes: new Map(), concurrency: 1 };

function past(build: number, bytes: number): PastTarget {
  return { seconds: { build, smoke: 4, publish: 1 }, bytes };
}

describe("forecastOf, where nothing was ever built here", () => {
  it("goes by the sizes that are known, and takes the mean of a variant for the others", () => {
    const sizes = new Map([
      ["node:22", 30 * MB],
      ["node:22-dev", 100 * MB],
    ]);
    expect(forecastOf(due, { ...NOTHING, sizes })).toEqual({
      ...{ targets: 4, releases: 2, bytes: 260 * MB, basis: "sizes", known: 2 },
      // 20 s for each version, and 130 MB of each at 5 MB a second.
      seconds: 92,
    });
  });

  it("counts each platform, and shares the time among what is worked on at once", () => {
    const both = due
      .slice(0, 2)
      .map((one) => ({ ...one, platforms: ["linux/amd64", "linux/arm64"] as const }));
    const sizes = new Map([["node:22", 5 * MB]]);
    const one = forecastOf(both, { ...NOTHING, sizes, concurrency: 4 });
    expect(one).toMatchObject({ bytes: 2 * (5 + 130) * MB, seconds: 74, known: 1 });
    expect(forecastOf(due, { ...NOTHING, concurrency: 2 }).seconds).toBe(49);
  });
});

describe("forecastOf, where something was built here before", () => {
  const known = new Map([
    ["node:22", past(10, 50 * MB)],
    ["node:22-dev", past(20, 200 * MB)],
  ]);

  it("goes by the times of a version's own past: its variants are built beside each other", () => {
    expect(forecastOf(due.slice(0, 2), { ...NOTHING, past: known })).toEqual({
      ...{ targets: 2, releases: 1, seconds: 25, bytes: 250 * MB, basis: "runs", known: 2 },
    });
  });

  it("goes by others of the variant for what is new, but by its own size where that is known", () => {
    const sizes = new Map([["lua:5.4", 3 * MB]]);
    expect(forecastOf(due, { ...NOTHING, past: known, sizes })).toEqual({
      ...{ targets: 4, releases: 2, seconds: 50, basis: "runs", known: 2 },
      bytes: (50 + 200 + 3 + 130) * MB,
    });
  });

  it("goes by sizes where only others were built: they may have been small", () => {
    expect(forecastOf(due.slice(2), { ...NOTHING, past: known })).toMatchObject({ basis: "sizes", known: 0 });
  });
});

describe("releaseSeconds", () => {
  it("tells by its past what each release takes alone, whatever is worked on at once", () => {
    const known = new Map([["node:22", past(10, 50 * MB)]]);
    const seconds = releaseSeconds(due, { ...NOTHING, past: known, concurrency: 8 });
    expect(Object.fromEntries(seconds)).toEqual({ "node:22": 15, "lua:5.4": 15 });
  });

  it("tells it by sizes where nothing was ever built here", () => {
    const sizes = new Map([["node:22-dev", 230 * MB]]);
    expect([...releaseSeconds(due.slice(0, 2), { ...NOTHING, sizes })]).toEqual([["node:22", 69]]);
  });
});
