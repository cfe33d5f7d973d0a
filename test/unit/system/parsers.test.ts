import { expect, test } from "vitest";
import { NO_PARSERS, PARSERS } from "../../support/spite/parsers.ts";
import { exportedReaders } from "../../support/spite/patterns.ts";
import { watch } from "../../support/spite/watch.ts";

const MINUTES = 60_000;

test("every parser answers 100 kB of any text within its limit, or in proportion to it", {
  timeout: 15 * MINUTES,
}, async () => {
  const { tried, slow } = await watch("parsers-child.ts");
  expect(slow).toEqual([]);
  expect([...tried].sort()).toEqual(Object.keys(PARSERS).sort());
});

test("every exported function that is called parse…, read… or decode… is on the list of parsers, or says why not", () => {
  const listed = [...Object.keys(PARSERS), ...Object.keys(NO_PARSERS)];
  const exported = exportedReaders();
  expect(exported.length).toBeGreaterThan(40);
  expect(exported.filter((one) => !listed.includes(one))).toEqual([]);
  expect(Object.keys(NO_PARSERS).filter((one) => !exported.includes(one))).toEqual([]);
});
