import { expect, test } from "vitest";
import { durationOf, passesAfter, secondsOf } from "../../../scripts/pipeline/deadline.ts";

test.each([
  ["2h", 7200],
  ["90m", 5400],
  ["1h30m", 5400],
  ["45s", 45],
  ["1h1s", 3601],
  ["2h5m30s", 7530],
])("%s is %i seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
  expect(secondsOf(durationOf(seconds))).toBe(seconds);
});

test.each(["", "0s", "0h0m", "2", "h", "30m1h", "1.5h", "-1h", "2 h", "1h1h", "2H", "1d"])(
  "%j is none",
  (text) => {
    expect(secondsOf(text)).toBeUndefined();
  },
);

test("is written short", () => {
  expect([7200, 5400, 45].map((one) => durationOf(one))).toEqual(["2h", "1h30m", "45s"]);
});

test("passes when its time has come, and never without one", () => {
  let now = 500;
  const isLate = passesAfter(2, () => now);
  const never = passesAfter(undefined, () => Number.POSITIVE_INFINITY);
  now = 2499;
  expect(isLate()).toBe(false);
  now = 2500;
  expect(isLate()).toBe(true);
  expect(never()).toBe(false);
});
