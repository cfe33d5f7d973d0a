import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { catalogJsonSchema, type JsonSchema } from "../../../scripts/catalog/schema/json-schema.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { catalogFolder } from "./catalog-folder.ts";
import { mistakesIn } from "./good-catalog.ts";

const PAGE = readFileSync(new URL("../../../docs/catalog.md", import.meta.url), "utf8");

const CATALOG = readFileSync(new URL("../../../catalog.yaml", import.meta.url), "utf8");

/** The content of the page's fenced blocks in a language. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, text]) =>
    found === language && text !== undefined ? [text] : [],
  );
}

/** The keys of each mapping in the catalog: `images.*.runtime` → packages, env, … */
function keysOf(
  schema: JsonSchema,
  path: string,
  found = new Map<string, string[]>(),
): Map<string, string[]> {
  if (schema.properties) found.set(path, Object.keys(schema.properties));
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    keysOf(value, path === "" ? key : `${path}.${key}`, found);
  }
  if (schema.items) keysOf(schema.items, path, found);
  if (schema.additionalProperties) keysOf(schema.additionalProperties, `${path}.*`, found);
  return found;
}

/** The keys that the page's tables explain, by the heading over the table. */
function keysOnPage(): Map<string, string[]> {
  const sections = PAGE.split(/^#+ /m).map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    const keys = lines.flatMap((line) => /^\| `([\w/]+)` \|/.exec(line)?.[1] ?? []);
    const paths =
      heading === "The catalog's keys" ? [""] : [...heading.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
    return paths.map((path = "") => [path, keys] as const);
  });
  return new Map(sections.flat());
}

test("the page explains every key, in the order of the schema, and no other", () => {
  const expected = keysOf(catalogJsonSchema(), "");
  // Headings name a mapping of names by itself: `images` for what the schema calls images.*.
  const named = [...expected].map(([path, keys]) => [path.replace(/\.\*$/, ""), keys]);
  expect(Object.fromEntries(keysOnPage())).toEqual(Object.fromEntries(named));
});

test("the catalog on the page is right", () => {
  expect(mistakesIn(blocks("yaml")[0] ?? "")).toEqual([]);
});

test("a stranger's own catalog, as on the page, works beside ours", async () => {
  const lines = blocks("yaml").find((block) => block.startsWith("extends:")) ?? "";
  expect(lines.trimEnd().split("\n")).toHaveLength(5);
  const folder = await catalogFolder({ "birdhouse/catalog.yaml": CATALOG, "my-images/catalog.yaml": lines });
  const { registry, sources, targets } = await loadCatalog(join(folder, "my-images/catalog.yaml"));
  const ours = await loadCatalog(join(folder, "birdhouse/catalog.yaml"));

  expect({ registry, sources }).toEqual({ registry: "registry.example.com/base", sources: ours.sources });
  const find = (from: readonly Target[], name: string) => from.find((target) => target.name === name);
  const node = find(ours.targets, "node:24");
  expect(find(targets, "web:24")).toMatchObject({
    branch: node?.branch,
    world: [...(node?.world ?? []), "tini"].sort(),
    entrypoint: ["tini", "--"],
    smoke: node?.smoke,
  });
  expect(targets.map(({ name }) => name)).toEqual(["web:24", "web:24-dev", "python:3.14", "python:3.14-dev"]);
});

test("the messages on the page are what is said of these mistakes", () => {
  const broken = (blocks("yaml")[0] ?? "")
    .replace('branch: "3.24"', "branch: 3.24")
    .replace('packages: ["nodejs~{{version}}"]\n', 'pakcages: ["nodejs~{{version}}"]\n')
    .replace('packages: ["nodejs~{{version}}", npm]', "packages: [nodejs, npm]");
  expect(mistakesIn(broken)).toEqual(blocks("")[0]?.trimEnd().split("\n"));
});
