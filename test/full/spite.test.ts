import { expect, test } from "vitest";
import { PARSERS } from "../support/spite/parsers.ts";
import { patternsOfSchema, writtenPatterns } from "../support/spite/patterns.ts";
import { slowAttack } from "../support/spite/try.ts";
import { watch } from "../support/spite/watch.ts";

test("each regular expression answers 100 kB of any text within 100 ms, or in proportion to it", async () => {
  const { tried, slow } = await watch("patterns-child.ts");
  expect(slow).toEqual([]);
  const { literals, made } = writtenPatterns();
  const texts = [...literals, ...patternsOfSchema()].map(({ pattern }) => String(pattern));
  expect(texts.filter((text) => !tried.some((line) => line.startsWith(`${text} of `)))).toEqual([]);
  // What is put together as a file is loaded, is found where it is put together.
  const places = made.filter(({ onLoad }) => onLoad).map(({ file, line }) => `${file}:${line}`);
  expect(places.length).toBeGreaterThan(5);
  expect(places.filter((place) => !tried.some((line) => line.includes(place)))).toEqual([]);
});

test("every parser answers 100 kB of any text within its limit, or in proportion to it", async () => {
  const { tried, slow } = await watch("parsers-child.ts");
  expect(slow).toEqual([]);
  expect([...tried].sort()).toEqual(Object.keys(PARSERS).sort());
});

test("a pattern that tries all ways is found out, and one that does not is not", async () => {
  const slow = /(?:HTTP status|status code)[^\n]*\b(?:429|5\d\d)\b/i;
  const quick = /(?:HTTP status|status code)[^\n]{0,200}\b(?:429|5\d\d)\b/i;
  expect(await slowAttack(slow, 60_000)).toContain("ms for");
  expect(await slowAttack(quick, 60_000)).toBeUndefined();
});
