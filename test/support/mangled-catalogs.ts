import { expect } from "vitest";
import { parseCatalog } from "../../scripts/catalog/load.ts";
import { CatalogError } from "../../scripts/catalog/text/problems.ts";
import { GOOD_CATALOG, mistakesIn } from "../unit/catalog/good-catalog.ts";
import { randomFrom } from "./random.ts";

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

/** The good catalog, with an image that extends another, and with what a catalog may have besides. */
const CATALOG = `${GOOD_CATALOG}  web:
    extends: node
    title: Web
    versions:
      "22": { eol: 2027-04-30 }
      "24":
        branch: "3.24"
        tags: [current]
    runtime:
      remove: [/usr/share/man]
      budget: 30 MB
    example:
      test: [node, test.js]
      run: [node, app.js]
      output: hello
branches:
  "3.20": { eol: 2026-04-01 }
  "3.22": { eol: 2027-05-01 }
  "3.24": { eol: 2028-05-01 }
renamed:
  npm: { "3.20": [nodejs-npm] }
excluded:
  julia: { title: Julia, reason: none }
`;

/** That catalog with one line gone, doubled, indented otherwise or with something put into it. */
function mangled(random: () => number): string {
  const lines = CATALOG.split("\n");
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

/**
 * Mangles the catalog again and again, and expects that each loads, or is refused for a mistake in a line that exists.
 * @param seed the same one mangles it in the same ways
 */
export function loadMangled(rounds: number, seed: number): void {
  expect(mistakesIn(CATALOG)).toEqual([]);
  const random = randomFrom(seed);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    const text = mangled(random);
    try {
      parseCatalog("catalog.yaml", text);
    } catch (error) {
      refused++;
      if (!(error instanceof CatalogError))
        throw new Error(`TEST_SEED=${seed}: not a CatalogError for:\n${text}`, { cause: error });
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
  expect(refused, `TEST_SEED=${seed}`).toBeGreaterThan(rounds / 3);
  expect(refused, `TEST_SEED=${seed}`).toBeLessThan(rounds);
}
