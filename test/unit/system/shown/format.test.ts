import { describe, expect, it } from "vitest";
import {
  count,
  formatBytes,
  formatSeconds,
  formatShare,
  formatTable,
} from "../../../../scripts/system/shown/format.ts";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [12_345_678, "12.3 MB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatShare", () => {
  it.each([
    [0, 10, "0%"],
    [0, 0, "0%"],
    [1, 1000, "<1%"],
    [1, 100, "1%"],
    [455, 1000, "46%"],
    [3, 2, "150%"],
  ])("writes %d of %d as %s", (part, whole, text) => {
    expect(formatShare(part, whole)).toBe(text);
  });
});

describe("formatSeconds", () => {
  it.each([
    [0, "0ms"],
    [3.21, "3.2s"],
    [59.94, "59.9s"],
    [0.04, "0ms"],
    [0.3, "0.3s"],
    [59.96, "1m"],
    [60, "1m"],
    [75.25, "1m 15s"],
    [119.4, "1m 59s"],
    [3599.4, "59m 59s"],
    [3600, "1h"],
    [7199.7, "2h"],
    [7512, "2h 5m"],
    [200_000, "2d 7h"],
  ])("writes %d as %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe("formatTable", () => {
  it("makes each column as wide as its widest cell, with no blanks at the end of a line", () => {
    const rows = [
      ["TARGET", "TAGS"],
      ["node:22-dev", "22-dev dev"],
      ["lua:5.4", ""],
    ];
    expect(formatTable(rows)).toBe("TARGET       TAGS\nnode:22-dev  22-dev dev\nlua:5.4");
  });

  it("is empty without rows", () => {
    expect(formatTable([])).toBe("");
  });
});

describe("count", () => {
  it.each([
    [0, "0 targets"],
    [1, "1 target"],
    [2, "2 targets"],
  ])("writes %d as %s", (number, text) => {
    expect(count(number, "target")).toBe(text);
  });
});
