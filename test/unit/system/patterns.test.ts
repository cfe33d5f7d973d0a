import { describe, expect, test } from "vitest";
import { MADE_IN_FUNCTIONS } from "../../support/spite/made.ts";
import { patternsOfSchema, writtenPatterns } from "../../support/spite/patterns.ts";
import { slowAttack } from "../../support/spite/try.ts";
import { watch } from "../../support/spite/watch.ts";

const MINUTES = 60_000;

describe("the regular expressions of the project", () => {
  const { literals, made } = writtenPatterns();

  test("each answers 100 kB of any text within 100 ms, or in proportion to it", {
    timeout: 10 * MINUTES,
  }, async () => {
    const { tried, slow } = await watch("patterns-child.ts");
    expect(slow).toEqual([]);
    const texts = [...literals, ...patternsOfSchema()].map(({ pattern }) => String(pattern));
    expect(texts.filter((text) => !tried.some((line) => line.startsWith(`${text} of `)))).toEqual([]);
    // What is put together as a file is loaded, is found where it is put together.
    const places = made.filter(({ onLoad }) => onLoad).map(({ file, line }) => `${file}:${line}`);
    expect(places.length).toBeGreaterThan(5);
    expect(places.filter((place) => !tried.some((line) => line.includes(place)))).toEqual([]);
  });

  test("that functions put together are all on the list of those to try", () => {
    const files = new Set(made.filter(({ onLoad }) => !onLoad).map(({ file }) => file));
    expect([...files].sort()).toEqual(Object.keys(MADE_IN_FUNCTIONS).sort());
  });
});

test("a pattern that tries all ways is found out, and one that does not is not", async () => {
  expect(await slowAttack(/(?:HTTP status|status code)[^\n]*\b(?:429|5\d\d)\b/i)).toContain("ms for");
  expect(await slowAttack(/(?:HTTP status|status code)[^\n]{0,200}\b(?:429|5\d\d)\b/i)).toBeUndefined();
});
