import { describe, expect, test } from "vitest";
import { MADE_IN_FUNCTIONS } from "../../support/spite/made.ts";
import { patternsOfSchema, writtenPatterns } from "../../support/spite/patterns.ts";
import { slowAttack } from "../../support/spite/try.ts";
import { watch } from "../../support/spite/watch.ts";

describe("the regular expressions of the project", () => {
  const { literals, made } = writtenPatterns();

  test("each answers in proportion to a text (test/full/spite.test.ts has longer ones)", {
    timeout: 120_000,
  }, async () => {
    const { tried, slow } = await watch("patterns-child.ts", "quick");
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
  const quick = { length: 10_000, limit: 5 };
  expect(await slowAttack(/(?:HTTP status|status code)[^\n]*\b(?:429|5\d\d)\b/i, quick)).toContain("ms for");
  expect(
    await slowAttack(/(?:HTTP status|status code)[^\n]{0,200}\b(?:429|5\d\d)\b/i, quick),
  ).toBeUndefined();
});
