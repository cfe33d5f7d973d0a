import { expect, test } from "vitest";
import { PARSERS } from "../support/spite/parsers.ts";
import { slowAttack } from "../support/spite/try.ts";
import { watch } from "../support/spite/watch.ts";

// With a tenth of the text, in test/unit/system, these are quick.

test("each regular expression answers 100 kB of any text within 100 ms, or in proportion to it", async () => {
  const { tried, slow } = await watch("patterns-child.ts", "whole");
  expect(slow).toEqual([]);
  expect(tried.length).toBeGreaterThan(100);
});

test("every parser answers 100 kB of any text within its limit, or in proportion to it", async () => {
  const { tried, slow } = await watch("parsers-child.ts", "whole");
  expect(slow).toEqual([]);
  expect([...tried].sort()).toEqual(Object.keys(PARSERS).sort());
});

test("a pattern that tries all ways is found out, and one that does not is not", async () => {
  expect(await slowAttack(/(?:HTTP status|status code)[^\n]*\b(?:429|5\d\d)\b/i)).toContain("ms for");
  expect(await slowAttack(/(?:HTTP status|status code)[^\n]{0,200}\b(?:429|5\d\d)\b/i)).toBeUndefined();
});
