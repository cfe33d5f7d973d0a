import { expect, test } from "vitest";
import { NO_PARSERS, PARSERS } from "../../support/spite/parsers.ts";
import { exportedReaders } from "../../support/spite/patterns.ts";

// test/full/spite.test.ts feeds them what they like least.

test("every exported function that is called parse…, read… or decode… is on the list of parsers, or says why not", () => {
  const listed = [...Object.keys(PARSERS), ...Object.keys(NO_PARSERS)];
  const exported = exportedReaders();
  expect(exported.length).toBeGreaterThan(40);
  expect(exported.filter((one) => !listed.includes(one))).toEqual([]);
  expect(Object.keys(NO_PARSERS).filter((one) => !exported.includes(one))).toEqual([]);
});
