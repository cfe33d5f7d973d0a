import { describe, expect, it } from "vitest";
import { chartOf, pictureOf } from "../../../scripts/report/html/chart.ts";
import { historyView } from "../../../scripts/report/html/history.ts";
import { failedTarget, sampleRun, sampleRunTarget, withoutEnd } from "../../support/sample-run.ts";

const done = sampleRunTarget({ target: "node:22", reasons: [], tags: ["22"] });
const failed = failedTarget("lua:5.4", "no lua");
const run = (started: string, seconds: number, targets = [done]) =>
  sampleRun({ started, ended: new Date(Date.parse(started) + seconds * 1000).toISOString(), targets });
const now = run("2026-11-25T03:00:00Z", 100, [done, done, failed, failed]);
const before = run("2026-11-24T03:00:00Z", 50, [done]);
const idle = run("2026-11-23T03:00:00Z", 0, []);
const killed = withoutEnd(run("2026-11-22T03:00:00Z", 0));

describe("historyView", () => {
  it("is none for the first run of all", () => {
    expect(historyView(now, [])).toBeUndefined();
  });

  it("draws each run in its place from the left, as high as its share of the most", () => {
    const view = historyView(now, [before, idle, killed]);
    const columns = view?.columns.map(({ title, bars }) => [
      title,
      ...bars.map(({ kind, y, height }) => `${kind} ${y} ${height}`),
    ]);
    expect(columns).toEqual([
      ["22 Nov, 03:00: 1 rebuilt, 0 failed, no end", "done 80 20"],
      ["23 Nov, 03:00: 0 rebuilt, 0 failed, 0ms", "idle 98 2", "took 175 1"],
      ["24 Nov, 03:00: 1 rebuilt, 0 failed, 50.0s", "done 80 20", "took 156 20"],
      ["25 Nov, 03:00: 2 rebuilt, 2 failed, 1m 40s", ...["done 60 40", "failed 20 40", "took 136 40"]],
    ]);
    // Drawn for fourteen at least, this one at the right; between two there is room.
    expect(view?.columns.at(-1)?.bars[0]).toMatchObject({ x: "93.86%", width: "5.14%" });
    expect(view?.columns[0]).toMatchObject({ cross: { x: "75%", y: 113 } });
    expect(view?.columns[1]).not.toHaveProperty("cross");
    expect(view?.panels.map(({ text }) => text)).toEqual(["targets, at most 4", "time, at most 1m 40s"]);
    expect(view).toMatchObject({
      hasFailed: true,
      hasKilled: true,
      lede: "4 runs; this one is on the right.",
    });
  });

  it("has the runs in numbers, the newest first", () => {
    const view = historyView(now, [before]);
    expect(view?.rows).toEqual([
      { started: "25 Nov, 03:00", verdict: "2 of 4 targets failed", numbers: [2, 2, 0, "1m 40s"] },
      { started: "24 Nov, 03:00", verdict: "1 target, done", numbers: [1, 0, 0, "50.0s"] },
    ]);
    expect(view).toMatchObject({ hasFailed: true, hasKilled: false });
    expect(historyView(before, [before])).toMatchObject({ hasFailed: false, hasKilled: false });
  });

  it("dates the oldest run where there is room for it, and draws thirty at most", () => {
    const view = (earlier: number) =>
      historyView(
        now,
        Array.from({ length: earlier }, () => before),
      );
    expect(view(6)).not.toHaveProperty("oldest");
    expect(view(7)).toMatchObject({
      oldest: { x: "42.86%", text: "24 Nov" },
      newest: { text: "this run, 25 Nov" },
    });
    expect(view(40)?.columns).toHaveLength(30);
    expect(view(40)).toMatchObject({ oldest: { x: "0%" } });
  });

  it("shows what is hardly there", () => {
    const many = run(
      "2026-11-25T03:00:00Z",
      10_000,
      Array.from({ length: 1000 }, () => done),
    );
    const [small] = historyView(many, [run("2026-11-24T03:00:00Z", 1, [done])])?.columns ?? [];
    expect(small?.bars.map(({ kind, height }) => `${kind} ${height}`)).toEqual(["done 2", "took 1"]);
  });
});

describe("pictureOf", () => {
  it("draws no bar of nothing, and none so thin or so far right that it could not be seen", () => {
    const bars = [
      { from: 0, width: 0, kind: "build" },
      { from: 10, width: 0.1, kind: "smoke" },
      { from: 100, width: 12.345, kind: "publish" },
    ];
    expect(pictureOf("a", bars)).toEqual({
      title: "a",
      bars: [
        { kind: "smoke", x: "10%", width: "0.4%" },
        { kind: "publish", x: "99.6%", width: "12.35%" },
      ],
    });
    expect(pictureOf("a", [], 0)).toEqual({ title: "a", bars: [], zero: "0%" });
  });
});

describe("chartOf", () => {
  const rows = (length: number) =>
    Array.from({ length }, (_, index) => ({ name: `t:${index}`, picture: pictureOf("", []), cells: [] }));
  const chart = (length: number) =>
    chartOf({ caption: "c", pictures: "p", headings: ["h"] }, "target", rows(length));

  it("shows eight rows, folds the rest, and leaves to the table what is too many", () => {
    expect(chart(9)).toMatchObject({ caption: "c", pictures: "p", headings: ["h"], rest: [], more: "" });
    const { shown, rest, more } = chart(110);
    expect([shown.length, rest.length, more]).toEqual([8, 102, "102 more targets"]);
    expect(chart(110)).not.toHaveProperty("aside");
    expect(chart(112).rest).toHaveLength(102);
    expect(chart(112).aside).toBe("2 more are in the table of all targets, below.");
  });
});
