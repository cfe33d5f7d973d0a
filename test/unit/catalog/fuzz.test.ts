import { expect, test } from "vitest";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import { CatalogError } from "../../../scripts/catalog/problems.ts";
import { GOOD_CATALOG } from "./good-catalog.ts";

const ROUNDS = 600;
const SEED = 20_240_601;

/** Numbers from 0 up to 1 that are the same in every run: the linear congruence of Numerical Recipes. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const WORDS = [
  "{",
  "}",
  "[",
  "]",
  ":",
  ": ",
  "- ",
  '"',
  "'",
  "#",
  "\t",
  "&a ",
  "*a",
  "!x ",
  "|",
  "\n",
  "  ",
  "0",
  "~",
  "\0",
];

/** The good catalog with one line gone, doubled, indented otherwise or with something put into it. */
function mangled(random: () => number): string {
  const lines = GOOD_CATALOG.split("\n");
  const index = Math.floor(random() * lines.length);
  const line = lines[index] ?? "";
  const at = Math.floor(random() * (line.length + 1));
  const word = WORDS[Math.floor(random() * WORDS.length)] ?? "";
  const changes = [
    [],
    [line, line],
    [` ${line}`],
    [line.replace(/^ /, "")],
    [line.slice(0, at) + word + line.slice(at)],
    [line.slice(0, at) + line.slice(at + 1)],
    [line.slice(0, at)],
  ];
  return lines.toSpliced(index, 1, ...(changes[Math.floor(random() * changes.length)] ?? [])).join("\n");
}

test(`of ${ROUNDS} mangled catalogs each loads, or is refused for a mistake in a line that exists`, () => {
  const random = randomFrom(SEED);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = mangled(random);
    try {
      parseCatalog("catalog.yaml", text);
    } catch (error) {
      refused++;
      if (!(error instanceof CatalogError))
        throw new Error(`not a CatalogError for:\n${text}`, { cause: error });
      expect(error.problems, text).not.toEqual([]);
      const lines = text.split("\n");
      for (const { line, column, message } of error.problems) {
        expect(lines[line - 1], `line ${line} of\n${text}`).toBeDefined();
        // One more than there are characters: where something is missing at the end of a line.
        expect(column, text).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect(message).not.toMatch(/Invalid|undefined|\bobject\b|\brecord\b/);
      }
    }
  }
  expect(refused).toBeGreaterThan(ROUNDS / 3);
  expect(refused).toBeLessThan(ROUNDS);
});
