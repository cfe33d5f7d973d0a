import { describe, expect, test } from "vitest";
import { daysSince, daysUntil, earliest, isDay, supportOf } from "../../../scripts/model/end-of-life.ts";

describe("the support of a target that ends on 2027-05-01", () => {
  test.each([
    ["2026-11-23T12:00:00Z", "supported"],
    // 91 days before, until its last moment.
    ["2027-01-30T23:59:59Z", "supported"],
    ["2027-01-31T00:00:00Z", "ending"],
    ["2027-04-30T23:59:59Z", "ending"],
    ["2027-05-01T00:00:00Z", "archived"],
    ["2031-01-01T00:00:00Z", "archived"],
  ])("on %s: %s", (today, support) => {
    expect(supportOf({ endOfLife: "2027-05-01" }, new Date(today))).toBe(support);
  });

  test("has no end where none is known", () => {
    expect(supportOf({}, new Date("2100-01-01"))).toBe("supported");
  });
});

test.each([
  ["2026-11-23", 0],
  ["2026-11-24", 1],
  ["2026-11-22", -1],
  ["2027-11-23", 365],
  ["2028-11-23", 731],
])("to %s it is %d days", (date, days) => {
  expect(daysUntil(date, new Date("2026-11-23T23:59:59Z"))).toBe(days);
});

test.each([
  ["2027-04-30", true],
  ["2028-02-29", true],
  ["2027-02-29", false],
  ["2027-02-30", false],
  ["2027-04-31", false],
  ["no day", false],
])("%s is a day: %s", (date, is) => {
  expect(isDay(date)).toBe(is);
});

test("the earliest of the days that are known", () => {
  expect(earliest(undefined, "2027-05-01", "2026-12-31")).toBe("2026-12-31");
  expect(earliest(undefined, undefined)).toBeUndefined();
});

test.each([
  ["2026-11-23T00:00:00Z", 0],
  ["2026-11-22T23:59:59Z", 1],
  ["2025-11-23T12:00:00Z", 365],
])("since %s it is %d days", (time, days) => {
  // Object.is: 0 is not -0.
  expect(daysSince(new Date(time), new Date("2026-11-23T23:59:59Z"))).toBe(days);
});
