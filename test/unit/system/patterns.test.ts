import { expect, test } from "vitest";
import { MADE_IN_FUNCTIONS } from "../../support/spite/made.ts";
import { writtenPatterns } from "../../support/spite/patterns.ts";

// test/full/spite.test.ts feeds them what they like least.

test("the patterns that functions put together are all on the list of those to try", () => {
  const files = writtenPatterns("RegExp").made.flatMap(({ onLoad, file }) => (onLoad ? [] : [file]));
  expect([...new Set(files)].sort()).toEqual(Object.keys(MADE_IN_FUNCTIONS).sort());
});
