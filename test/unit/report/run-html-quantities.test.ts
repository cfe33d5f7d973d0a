import { describe, expect, it } from "vitest";
import { stacked } from "../../../scripts/report/html/chart.ts";
import { totalsOf } from "../../../scripts/report/html/charts.ts";
import {
  fold,
  formatChange,
  formatMoment,
  formatPercent,
  shortened,
} from "../../../scripts/report/html/parts.ts";
import { sampleRunTarget } from "../../support/sample-run.ts";

describe("totalsOf", () => {
  it("counts once what a pair went through together", () => {
    const seconds = (build: number) => ({ build, smoke: 4, publish: 1 });
    const targets = [
      sampleRunTarget({ target: "node:22", seconds: seconds(10) }),
      sampleRunTarget({ target: "node:22-dev", seconds: seconds(20) }),
      sampleRunTarget({ target: "lua:5.4", seconds: seconds(5) }),
    ];
    expect(totalsOf(targets)).toEqual({ build: 35, smoke: 8, publish: 2 });
  });
});

describe("stacked", () => {
  it("puts bars one after the other", () => {
    const parts = [
      { value: 1, kind: "build" },
      { value: 2, kind: "smoke" },
    ];
    expect(stacked(parts, 4)).toEqual([
      { from: 0, width: 25, kind: "build" },
      { from: 25, width: 50, kind: "smoke" },
    ]);
    expect(stacked([{ value: 0, kind: "build" }], 0)).toEqual([{ from: 0, width: 0, kind: "build" }]);
  });
});

describe("fold", () => {
  it("never folds away a single one", () => {
    expect(fold([1, 2, 3], 2)).toEqual({ shown: [1, 2, 3], rest: [], more: "" });
    expect(fold([1, 2, 3, 4], 2)).toEqual({ shown: [1, 2], rest: [3, 4], more: "2 more" });
  });
});

describe("quantities", () => {
  it.each([
    [1_200_000, 10_000_000, "+1.2 MB", "+12%"],
    [-412_000, 50_500_000, "−412 kB", "−0.8%"],
    [10, 50_500_000, "+10 B", "<0.1%"],
    [0, 10, "±0 B", "±0.0%"],
    [5, 0, "+5 B", ""],
  ])("%d of %d is %s and %s", (change, before, bytes, percent) => {
    expect(formatChange(change)).toBe(bytes);
    expect(formatPercent(change, before)).toBe(percent);
  });

  it("moments are of UTC", () => {
    expect(formatMoment("2026-11-25T03:00:00.000Z")).toBe("Wednesday, 25 November 2026, 03:00 UTC");
  });
});

describe("shortened", () => {
  it("keeps beginning and end, and says how much is missing", () => {
    expect(shortened("abcdefgh", 8)).toBe("abcdefgh");
    expect(shortened("abcdefghij", 8)).toBe(
      "ab\n… 2 characters left out: the run's journal has them …\nefghij",
    );
  });
});
