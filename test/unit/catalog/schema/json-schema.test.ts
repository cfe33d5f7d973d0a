import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  catalogJsonSchema,
  type JsonSchema,
  renderSchema,
  schemaAt,
} from "../../../../scripts/catalog/schema/json-schema.ts";

const COMMITTED = new URL("../../../../catalog.schema.json", import.meta.url);

test("the committed schema is the one that the code makes", async () => {
  const committed = await readFile(COMMITTED, "utf8");
  expect(
    committed === renderSchema(),
    "catalog.schema.json differs from scripts/catalog/schema/schema.ts: run `npm run -s birdhouse -- schema --write`",
  ).toBe(true);
});

test("is of a draft that editors know, and closed against unknown keys", () => {
  const schema = catalogJsonSchema();
  expect(schema).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    required: ["images"],
    anyOf: [{ required: ["extends"] }, { required: ["registry", "platforms", "sources"] }],
    additionalProperties: false,
  });
});

test("finds the schema of a place", () => {
  expect(schemaAt(["images", "node", "runtime", "packages", 3])?.type).toBe("string");
  expect(schemaAt(["images", "node", "versions", "22", "latest"])?.type).toBe("boolean");
  expect(schemaAt(["images", "node", "colour"])).toBeUndefined();
  expect(schemaAt(["registry", "x", 1])).toBeUndefined();
});

/** Editors compile patterns with the flag u, which is stricter than JavaScript without it. */
test("all patterns are regular expressions in every editor", () => {
  const patterns = renderSchema().matchAll(/^ *"pattern": (?<text>".*"),?$/gm);
  const texts = [...patterns].map(({ groups }) => JSON.parse(groups?.text ?? '""') as string);
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) expect(() => new RegExp(text, "u"), text).not.toThrow();
});

test("every key is described", () => {
  expect(undescribed(catalogJsonSchema(), "")).toEqual([]);
});

function undescribed(schema: JsonSchema, path: string): string[] {
  const entries = Object.entries(schema.properties ?? {}).map(
    ([key, value]) => [`${path}.${key}`, value] as const,
  );
  const missing = entries.filter(([, value]) => !value.description).map(([name]) => name);
  const below = entries.flatMap(([name, value]) => undescribed(value, name));
  const rest = schema.additionalProperties ? undescribed(schema.additionalProperties, `${path}.*`) : [];
  const items = schema.items ? undescribed(schema.items, `${path}[]`) : [];
  return [...missing, ...below, ...rest, ...items];
}
