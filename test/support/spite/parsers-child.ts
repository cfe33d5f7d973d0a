import { FLOODS, PARSERS } from "./parsers.ts";
import { LENGTH, LIMIT, tooLong } from "./try.ts";

/** Tries every parser of the project: prints a line before each, and one for each that is slow. */
for (const [name, { run, seeds = [], limit, seedsOnly = false }] of Object.entries(PARSERS)) {
  process.stdout.write(`trying ${name}\n`);
  for (const unit of seedsOnly ? seeds : [...seeds, ...FLOODS]) {
    const flood = unit.repeat(Math.ceil(LENGTH / unit.length));
    // Whole documents too: what opens is closed, so that what is in them is looked at.
    for (const text of [`${flood}!`, ...closed(unit, flood)]) {
      process.stdout.write(`with ${JSON.stringify(unit)}\n`);
      const time = await tooLong(run, text, limit ?? LIMIT);
      if (time === undefined) continue;
      process.stdout.write(
        `slow ${name}: ${Math.round(time)} ms for ${JSON.stringify(unit)} again and again\n`,
      );
    }
  }
}
process.stdout.write("done\n");

/** `{"a":[1,` → `{"a":[1,1,1,…1]}`: a document with one list or object that has the unit's last item many times. */
function closed(unit: string, flood: string): string[] {
  const open = /^(?<head>.*[[{])(?<item>(?:[^[\]{}]|\{[^{}]*\})*,)$/s.exec(unit)?.groups;
  if (!open) return [];
  const { head = "", item = "" } = open;
  const items = item.repeat(Math.ceil(flood.length / item.length)).slice(0, -1);
  const ends = [...head].filter((one) => "[{".includes(one)).reverse();
  return [`${head}${items}${ends.map((one) => (one === "[" ? "]" : "}")).join("")}`];
}
