import { describe, expect, it } from "vitest";
import type { Build } from "../../../../scripts/report/site/builds.ts";
import { sizeChart } from "../../../../scripts/report/site/size-chart.ts";

const build = (day: string, compressed: number | undefined): Build => ({
  ...{ digest: day, created: new Date(`${day}T00:00:00Z`), isNow: false, isThere: true },
  ...{ why: [], changes: [], closed: undefined, compressed },
});

describe("the chart of an image's sizes", () => {
  it("goes from the oldest build to the newest, and leaves out those of which nobody knows", () => {
    const builds = [
      build("2026-11-11", 8_000_000),
      build("2026-11-06", undefined),
      build("2026-11-03", 4_000_000),
      build("2026-11-01", 6_000_000),
    ];
    expect(sizeChart("node:22", builds, 10_000_000)).toEqual({
      name: "node:22",
      title: "node:22: from 6 MB on 2026-11-01 to 8 MB on 2026-11-11, in 3 builds",
      line: "M0 46.4H188V64.3H940V28.6H1000",
      area: "M0 46.4H188V64.3H940V28.6H1000V100H0Z",
      ...{ budget: 10.7, budgetText: "budget 10 MB" },
      ...{ from: "2026-11-01", to: "2026-11-11", now: "8 MB" },
    });
  });

  it("is none where fewer than two builds say what they weigh", () => {
    expect(sizeChart("node:22", [], 1)).toBeUndefined();
    const one = build("2026-11-11", 8_000_000);
    expect(sizeChart("node:22", [one, build("2026-11-06", undefined)], 1)).toBeUndefined();
    expect(sizeChart("node:22", [one, one], undefined)).not.toHaveProperty("budget");
  });
});
