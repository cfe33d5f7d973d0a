import { describe, expect, test } from "vitest";
import { didYouMean, editDistance, nearest } from "../../../../scripts/catalog/text/problems.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["node", "node", 0],
  ["node", "nod", 1],
  ["node", "noode", 1],
  ["node", "nude", 1],
  ["packages", "pakcages", 1],
  ["ab", "ba", 1],
  ["abc", "cab", 2],
  ["kitten", "sitting", 3],
])("from %j to %j in %d steps, and as many back", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

describe("nearest", () => {
  test.each([
    ["pakcages", ["package", "packages", "env"], ["packages"]],
    ["ENV", ["env", "cmd"], ["env"]],
    ["linux/amr64", ["linux/amd64", "linux/arm64"], ["linux/amd64", "linux/arm64"]],
    ["colour", ["env", "cmd", "links"], []],
    ["x", [], []],
  ])("%j among %j", (word, words, near) => {
    expect(nearest(word, words)).toEqual(near);
  });
});

test("the question is asked only when a word is near", () => {
  expect(didYouMean("evn", ["env", "cmd"])).toBe('; did you mean "env"?');
  expect(didYouMean("colour", ["env", "cmd"])).toBe("");
});
