import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { outputSchemas, schemaText } from "../../../../scripts/report/output/schemas.ts";

const COMMITTED = new URL("../../../../docs/json/", import.meta.url);

test("the committed schemas of outputs are those that the code makes", async () => {
  const committed = new Map<string, string>();
  for (const file of await readdir(COMMITTED)) {
    committed.set(file, await readFile(new URL(file, COMMITTED), "utf8"));
  }
  const made = [...outputSchemas].map(([name, one]) => [`${name}.schema.json`, schemaText(one)] as const);
  const differ = made.filter(([file, text]) => committed.get(file) !== text).map(([file]) => file);
  const told = "docs/json differs from scripts/report/output: run `npm run -s birdhouse -- schema --write`";
  expect(differ, told).toEqual([]);
  expect([...committed.keys()].sort(), told).toEqual(made.map(([file]) => file).sort());
});

test("each output begins with its version and the command that it is of", () => {
  for (const [name, one] of outputSchemas) {
    const { properties, required } = JSON.parse(schemaText(one));
    expect(Object.keys(properties).slice(0, 2), name).toEqual(["version", "command"]);
    expect(required.slice(0, 2), name).toEqual(["version", "command"]);
    expect(properties.version.const, name).toBe(1);
  }
});
