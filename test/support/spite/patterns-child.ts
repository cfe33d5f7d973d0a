import { MADE_IN_FUNCTIONS } from "./made.ts";
import { type FoundPattern, patternsMadeOnLoad, patternsOfSchema, writtenPatterns } from "./patterns.ts";
import { slowAttack } from "./try.ts";

/** Tries every pattern of the project: prints a line before each, and one for each that is slow. */
const { literals, made } = writtenPatterns();
const onLoad = [...new Set(made.filter((one) => one.onLoad).map(({ file }) => file))];
const found = await patternsMadeOnLoad(onLoad);
const inFunctions = Object.entries(MADE_IN_FUNCTIONS).flatMap(([place, patterns]) =>
  patterns().map((pattern) => ({ place, pattern })),
);

for (const [text, same] of byText([...literals, ...found, ...patternsOfSchema(), ...inFunctions])) {
  const name = `${text} of ${same.map(({ place }) => place).join(", ")}`;
  process.stdout.write(`trying ${name}\n`);
  const slow = await slowAttack(same[0]?.pattern ?? /(?:)/);
  if (slow) process.stdout.write(`slow ${name}: ${slow}\n`);
}
process.stdout.write("done\n");

function byText(patterns: readonly FoundPattern[]): Map<string, FoundPattern[]> {
  const groups = new Map<string, FoundPattern[]>();
  for (const one of patterns) {
    const text = String(one.pattern);
    groups.set(text, [...(groups.get(text) ?? []), one]);
  }
  return groups;
}
