import assert from "node:assert/strict";
import { test } from "node:test";
import { schedule } from "../schedule.js";

test("a step begins when the one before it has ended", () => {
  const lines = schedule("09:30", [
    ["chop", "10m"],
    ["cook", "1h"],
  ]);
  assert.deepEqual(lines, ["09:30 chop for 10 minutes", "09:40 cook for 1 hour", "10:40 done"]);
});

test("the clock goes on past midnight", () => {
  assert.deepEqual(schedule("23:00", [["soak", "8h"]]), ["23:00 soak for 8 hours", "07:00 done"]);
});

test("what is no duration is refused, with the step that has it", () => {
  assert.throws(() => schedule("08:00", [["wait", "a while"]]), /wait: "a while" is no duration/);
});
