import { describe, expect, it } from "vitest";
import type { RunTarget } from "../../../scripts/model/run.ts";
import { failuresView, notDoneView } from "../../../scripts/report/html/failures.ts";
import { failedTarget, sampleRun, unstartedTarget } from "../../support/sample-run.ts";

const viewOf = (...targets: RunTarget[]) => failuresView(sampleRun({ exitCode: 1, targets }));
const cardsOf = (...targets: RunTarget[]) => viewOf(...targets)?.cards.shown;

describe("failuresView", () => {
  it("counts those that are new, and those that somebody has to look at", () => {
    const failing = (...runs: number[]) =>
      viewOf(...runs.map((failedRuns) => failedTarget(`a:${failedRuns}`, "no", { failedRuns })))?.lede;
    expect(failing(1)).toBe("1 target, 1 for the first time.");
    expect(failing(2)).toBe("1 target.");
    expect(failing(3)).toBe("1 target, 1 for 3 runs or more: somebody has to look at it.");
    expect(failing(1, 2, 4)).toBe(
      "3 targets, 1 for the first time, 1 for 3 runs or more: somebody has to look at it.",
    );
  });

  it("puts first what has failed most often", () => {
    const targets = [1, 3, 2].map((failedRuns) => failedTarget(`a:${failedRuns}`, "no", { failedRuns }));
    expect(cardsOf(...targets)?.map(({ since }) => since)).toEqual([
      { kind: "stubborn", text: "for 3 runs in a row" },
      { kind: "again", text: "for 2 runs in a row" },
      { kind: "new", text: "for the first time" },
    ]);
  });

  it("tells twelve in full, a hundred in all in short, and of the rest the names", () => {
    const targets = Array.from({ length: 103 }, (_, index) =>
      failedTarget(`a:${index}`, `${index} ${"x".repeat(1000)}`),
    );
    const view = viewOf(...targets);
    expect(view?.cards).toMatchObject({ more: "91 more failures" });
    expect(view?.cards.shown).toHaveLength(12);
    expect(view?.cards.rest).toHaveLength(88);
    expect(view?.cards.shown[0]?.message.first).toHaveLength(1002);
    expect(view?.cards.rest[0]).toMatchObject({
      target: "a:12",
      message: { first: expect.stringContaining("… 603 characters left out") },
    });
    expect(view?.named).toEqual({ shown: ["a:100", "a:101", "a:102"], rest: [], more: "" });
    expect(view).not.toHaveProperty("left");
  });

  it("shows a message of sixteen lines whole, and of a longer one what lies between behind a click", () => {
    const messageOf = (lines: number) =>
      cardsOf(failedTarget("a:1", Array.from({ length: lines }, (_, index) => `${index}`).join("\n")))?.[0]
        ?.message;
    expect(messageOf(16)).toEqual({ first: expect.stringMatching(/^0\n(?:\d+\n)*15$/) });
    expect(messageOf(17)).toEqual({
      ...{ first: "0\n1\n2", lines: "2 lines between", between: "3\n4" },
      last: Array.from({ length: 12 }, (_, index) => `${index + 5}`).join("\n"),
    });
  });

  it("has nothing that nobody knows of a failure", () => {
    const { failure: _, failedRuns: __, ...bare } = failedTarget("a:1", "", { reasons: [] });
    expect(cardsOf(bare)).toEqual([{ target: "a:1", message: { first: "" }, hints: [] }]);
    expect(cardsOf(failedTarget("a:1", "  no\n", { reasons: [] }))).toEqual([
      {
        ...{ target: "a:1", stage: "smoke", message: { first: "no" }, hints: [] },
        since: { kind: "new", text: "for the first time" },
      },
    ]);
  });
});

describe("notDoneView", () => {
  it("has what was held and what was not started, where nothing failed", () => {
    const left = [unstartedTarget("a:1", [], "held"), unstartedTarget("b:1")];
    expect(notDoneView(sampleRun({ targets: left }))).toEqual({
      lede: "2 targets, left for the next run.",
      left: [
        {
          heading: "Held back, because its pair failed",
          names: { shown: ["a:1"], rest: [], more: "" },
        },
        { heading: "Not started, or not finished", names: { shown: ["b:1"], rest: [], more: "" } },
      ],
    });
    expect(notDoneView(sampleRun({ targets: [...left, failedTarget("c:1", "no")] }))).toBeUndefined();
    expect(notDoneView(sampleRun())).toBeUndefined();
  });
});
