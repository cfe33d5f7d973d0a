import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import { CatalogError } from "../../../scripts/catalog/text/problems.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { brokenCatalog, GOOD_CATALOG, KEYS, mistakesIn } from "./good-catalog.ts";

describe("from a file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "catalog-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("a good one", async () => {
    const file = join(folder, "good.yaml");
    await writeFile(file, GOOD_CATALOG);
    const catalog = await loadCatalog(file);
    expect(catalog).toMatchObject({
      file,
      registry: "ghcr.io/birdhouse",
      sources: { base: "docker.io/library/alpine", packages: "https://dl-cdn.alpinelinux.org/alpine" },
      branches: {},
      excluded: {},
    });
    expect(catalog.targets).toHaveLength(8);
  });

  test("mistakes name the file as it was given", async () => {
    const file = join(folder, "bad.yaml");
    await writeFile(file, brokenCatalog(["shell: true", "shell: 1"]));
    await expect(loadCatalog(file)).rejects.toThrow(
      new CatalogError([
        {
          file,
          line: 40,
          column: 14,
          subject: "shell",
          message: "expected true or false, found the number 1",
        },
      ]),
    );
  });

  test.each([
    ["missing.yaml", "there is no such file"],
    [".", "this is a directory, expected a catalog file"],
  ])("%s", async (name, message) => {
    const file = join(folder, name);
    const error = await loadCatalog(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).not.toBeInstanceOf(CatalogError);
    expect(error).toMatchObject({
      message: `${file}: ${message}`,
      hint: "run Birdhouse where the catalog is, or name the file with --catalog FILE; to begin one: npm run -s birdhouse -- init",
    });
  });
});

test.each([
  ["", `1:1: the catalog is empty, expected some of ${KEYS.catalog}`],
  ["# nothing yet\n", `1:1: the catalog is empty, expected some of ${KEYS.catalog}`],
  ["hello\n", '1:1: expected a mapping (key: value), found "hello"'],
  ["- a\n", "1:1: expected a mapping (key: value), found a list"],
  ["{}\n", "1:1: registry, platforms, sources, images are missing"],
])("a text of %j", (text, said) => {
  expect(mistakesIn(text)).toEqual([`catalog.yaml:${said}`]);
});

test("mistakes in several places are told of together, in the order of the file", () => {
  const text = brokenCatalog(
    ['branch: "3.20"', "branch: 3.20"],
    ["tags: [lts]", 'tags: [lts, "20"]'],
    ["  sources:".trim(), "source:"],
    ["description: Lua", "descriptoin: Lua"],
    ['"lua{{version}}~{{version}}"', '"lua{{version}}"'],
  );
  expect(mistakesIn(text)).toEqual([
    `catalog.yaml:4:1: source: unknown key, expected one of ${KEYS.catalog}; did you mean "sources"?`,
    'catalog.yaml:17:23: branch: expected a string, found the number 3.20, which YAML reads as 3.2 (write it as "3.20")',
    "catalog.yaml:20:21: 20: one tag cannot name two targets: node:20 (line 17) and node:22 (line 20)",
    `catalog.yaml:32:5: descriptoin: unknown key, expected one of ${KEYS.image}; did you mean "description"?`,
    'catalog.yaml:38:18: lua5.1: this does not pin lua:5.1 to version 5.1, so its tag would be wrong; write "lua{{version}}~{{version}}"',
  ]);
});

test("a mistake in an image does not hide the others that are in it", () => {
  const text = brokenCatalog(
    ['"20": { branch: "3.20" }', '"20": { branch: 3.20, tags: [lts, 1, "a b"] }'],
    ["tags: [lts]", 'tags: ["c d", lts]'],
    ['packages: ["nodejs~{{version}}"]', 'packages: ["n o", nodejs]'],
    ["env: { NODE_ENV: production }", "evn: {}"],
    // Whether any variant asks for the package is not known when the packages of one are called otherwise.
    ['packages: ["lua{{version}}~{{version}}"]', "pakcages: []"],
  );
  expect(mistakesIn(text).map((line) => line.split(":").slice(1, 5).join(":"))).toEqual([
    '17:23: branch: expected a string, found the number 3.20, which YAML reads as 3.2 (write it as "3.20")',
    '17:41: tags[1]: expected a string, found the number 1 (write it as "1")',
    "17:44: tags[2]: expected a tag",
    "20:16: tags[0]: expected a tag",
    "20:23: lts: one tag cannot name two targets",
    '23:18: packages[0]: expected a package as apk\'s world names it, such as "nodejs", "nodejs~22" or "!nodejs-doc", found "n o" (without spaces)',
    "23:25: nodejs: this does not pin node",
    `24:7: evn: unknown key, expected one of ${KEYS.runtime}; did you mean "env"?`,
    `38:7: pakcages: unknown key, expected one of ${KEYS.runtime}; did you mean "packages"?`,
  ]);
});

test("broken YAML does not hide what is plainly wrong elsewhere, and what it makes unclear is not told of", () => {
  const text = brokenCatalog(
    ["shell: true", "shell: maybe"],
    ["    smoke:\n      version", "   smoke:\n      version"],
    ["registry:", "regsitry:"],
  );
  expect(mistakesIn(text).map((line) => line.split(":").slice(1, 4).join(":"))).toEqual([
    "2:1: regsitry",
    "28:1: this line is not indented like the lines it belongs to",
    "40:14: shell",
  ]);
});

test("lines may end as on Windows", () => {
  expect(parseCatalog("c", GOOD_CATALOG.replaceAll("\n", "\r\n")).targets).toEqual(
    parseCatalog("c", GOOD_CATALOG).targets,
  );
});
