import { describe, expect, it } from "vitest";
import { chooseRemovals, type Item } from "../../../../scripts/app/clean/choose.ts";

const DAY = 24 * 60 * 60 * 1000;
const NOW = 1000 * DAY;
const RULE = { layouts: 7, disk: 100, runs: 2 };

function item(kind: Item["kind"], name: string, bytes: number, days: number): Item {
  return { kind, name, paths: [name], bytes, used: NOW - days * DAY };
}

function chosen(items: readonly Item[], isRunning = false): string[] {
  return chooseRemovals(items, RULE, NOW, isRunning).map(({ name, why }) => `${name}: ${why}`);
}

describe("chooseRemovals", () => {
  it("takes layouts over the age, and leaves those that have just reached it", () => {
    const items = [item("layout", "old", 1, 7.1), item("layout", "young", 1, 7)];
    expect(chosen(items)).toEqual(["old: age"]);
  });

  it("takes the oldest layouts until the rest is below the bound, and no more", () => {
    const items = [item("layout", "c", 60, 1), item("layout", "a", 40, 3), item("layout", "b", 40, 2)];
    expect(chosen(items)).toEqual(["a: disk"]);
    expect(chosen([...items, item("layout", "d", 1, 0)])).toEqual(["a: disk", "b: disk"]);
  });

  it("counts what goes by age before it looks at the bound", () => {
    expect(chosen([item("layout", "a", 90, 8), item("layout", "b", 90, 1)])).toEqual(["a: age"]);
  });

  it("keeps the newest runs", () => {
    const items = [item("run", "c", 1, 1), item("run", "a", 1, 3), item("run", "b", 1, 2)];
    expect(chosen(items)).toEqual(["a: number"]);
  });

  it("takes what is left over whatever its age, and counts none of it as a layout", () => {
    expect(chosen([item("leftover", "store", 1000, 0), item("layout", "a", 90, 1)])).toEqual([
      "store: leftover",
    ]);
  });

  it("leaves every layout alone while a run is in progress", () => {
    const items = [item("layout", "old", 500, 30), item("leftover", "store", 1, 0)];
    expect(chosen(items, true)).toEqual(["store: leftover"]);
  });

  it("finds nothing to do in nothing", () => {
    expect(chosen([])).toEqual([]);
  });
});
