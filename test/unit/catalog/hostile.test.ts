import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import { readSource } from "../../../scripts/catalog/text/source.ts";
import { largeCatalogs, wrongCatalogs } from "../../support/large-catalogs.ts";
import { expectMistake, GOOD_CATALOG, type Mistake, mistakesIn } from "./good-catalog.ts";

describe("what nobody can see in a catalog", () => {
  test.each<Mistake>([
    [
      "cmd: [node]",
      'cmd: ["a\\0b"]',
      "25:13: cmd: this text contains the invisible character U+0000; remove it",
    ],
    [
      "cmd: [node]",
      'cmd: ["\\e[31m"]',
      "25:13: cmd: this text contains the invisible character U+001B; remove it",
    ],
    [
      "cmd: [node]",
      'cmd: ["a\\rb"]',
      "25:13: cmd: this text contains the invisible character U+000D; remove it",
    ],
    [
      "cmd: [node]",
      'cmd: ["\\uD800"]',
      "25:13: cmd: this text contains the invisible character U+D800; remove it",
    ],
    [
      "NODE_ENV: production",
      'NODE_ENV: "a\u202eb"',
      "24:24: NODE_ENV: this text contains the invisible character U+202E; remove it",
    ],
    [
      "description: Lua",
      "description: Lu\ufeffa",
      "32:18: description: this text contains the invisible character U+FEFF; remove it",
    ],
    [
      "description: Lua",
      "description: Lua\u0085",
      "32:18: description: this text contains the invisible character U+0085; remove it",
    ],
    [
      "description: Lua",
      "description: Re\u0301sume",
      "32:18: description: a letter and its accent are two characters here; write them as one (NFC), as other tools do",
    ],
    [
      "description: Lua",
      `description: ${"x".repeat(5000)}`,
      "32:18: description: a text of 5000 characters, expected at most 4096",
    ],
    [
      '"a.lua": "print({{version}})"',
      '"a.lua": "a\\0b"',
      "42:25: a.lua: this text contains the invisible character U+0000; remove it",
    ],
  ])("%s → %s", expectMistake);

  it("is no matter in the content of a file, where lines may end as Windows ends them", () => {
    const long = `${"x".repeat(5000)}\\r\\n\\tRe\u0301sume`;
    const text = GOOD_CATALOG.replace('"print({{version}})"', `"${long}"`);
    expect(parseCatalog("catalog.yaml", text).targets.length).toBeGreaterThan(0);
  });

  it.each([
    [Buffer.from("description: Caf\xe9", "latin1"), "32:21"],
    [Buffer.concat([Buffer.from("description: \ufffd caf"), Buffer.from([0xc3])]), "32:23"],
    [Buffer.concat([Buffer.from("description: "), Buffer.from([0xed, 0xa0, 0x80])]), "32:18"],
  ])("is a byte of another encoding: %o", async (line, place) => {
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-encoding-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, "catalog.yaml");
    const [before = "", after = ""] = GOOD_CATALOG.split("description: Lua");
    await writeFile(file, Buffer.concat([Buffer.from(before), line, Buffer.from(after)]));
    await expect(loadCatalog(file)).rejects.toThrow(`${file}:${place}: this byte is not UTF-8`);
  });

  it("or a mark of its encoding at the beginning is no mistake, nor are lines that end as Windows ends them", () => {
    const text = `\ufeff${GOOD_CATALOG.replaceAll("\n", "\r\n")}`;
    expect(parseCatalog("catalog.yaml", text)).toEqual(parseCatalog("catalog.yaml", GOOD_CATALOG));
  });
});

describe("what would break out of its place", () => {
  test.each<Mistake>([
    [
      'links: { /usr/bin/lua: "lua{{version}}" }',
      "links: { /usr/bin/lua: -T }",
      '39:30: /usr/bin/lua: expected a path such as "python3" or "/usr/bin/node", found "-T" (a program would take it for an option: put ./ before it)',
    ],
    [
      'links: { /usr/bin/lua: "lua{{version}}" }',
      "links: { /usr/bin/lua: ~root }",
      '39:30: /usr/bin/lua: expected a path such as "python3" or "/usr/bin/node", found "~root" (a shell would take it for somebody\'s home: put ./ before it)',
    ],
    [
      "NODE_ENV: production",
      "__proto__: x",
      "24:14: __proto__: this name is reserved by JavaScript; choose another",
    ],
    [
      "NODE_ENV: production",
      "constructor: x",
      "24:14: constructor: this name is reserved by JavaScript; choose another",
    ],
    [
      '"a.lua": "print({{version}})"',
      '"..": x',
      '42:16: ..: expected the name of a file, without a folder, of at most 200 characters, found ".."',
    ],
    [
      '"a.lua": "print({{version}})"',
      '".": x',
      '42:16: .: expected the name of a file, without a folder, of at most 200 characters, found "."',
    ],
    [
      '"a.lua": "print({{version}})"',
      '"a\\nb": x',
      '42:16: "a\\nb": expected the name of a file, without a folder, of at most 200 characters, found "a\\nb"',
    ],
    [
      "description: Lua",
      "title: |\n      a\n      b\n    description: Lua",
      "32:12: title: expected one line of text",
    ],
    [
      "registry: ghcr.io",
      "ecr: { region: evil.example/x }\nregistry: ghcr.io",
      '2:16: region: expected a region of AWS such as "eu-central-1", found "evil.example/x"',
    ],
    [
      '"5.1": {',
      '"5.1111111111111111": {',
      '35:7: 5.1111111111111111: expected a version such as "22" or "3.12", found "5.1111111111111111"',
    ],
  ])("%s → %s", expectMistake);
});

describe("YAML that says more than it shows", () => {
  test.each<Mistake>([
    [
      "cmd: [node]",
      "cmd: &c [node]",
      "25:15: &c: anchors are not allowed in a catalog; write the value out in each place",
    ],
    [
      "description: Lua",
      "description: &d Lua",
      "32:21: &d: anchors are not allowed in a catalog; write the value out in each place",
    ],
    ["description: Lua", "<<: { description: Lua }", "32:5: <<: unknown key"],
  ])("%s → %s", (from, to, message) => {
    const found = mistakesIn(GOOD_CATALOG.replace(from, to));
    expect(
      found.some((one) => one.startsWith(`catalog.yaml:${message}`)),
      found.join("\n"),
    ).toBe(true);
  });

  it.each([
    ["[".repeat(100_000), "1:33"],
    ["{a: ".repeat(25_000), "1:129"],
    ["- ".repeat(50_000), "1:"],
    ["? ".repeat(50_000), "1:"],
    [Array.from({ length: 440 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"), "32:33"],
  ])("and nested deeper than any catalog, %#, is refused before it is read", (text, place) => {
    expect(mistakesIn(text)).toEqual([
      expect.stringMatching(`^catalog.yaml:${place}.*: nested more than 32 levels deep`),
    ]);
  });

  it("with a bomb of aliases is refused, and nothing of it is unfolded", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let depth = 1; depth < 30; depth++) {
      lines.push(
        `a${depth}: &a${depth} [${Array(9)
          .fill(`*a${depth - 1}`)
          .join(", ")}]`,
      );
    }
    expect(mistakesIn(lines.join("\n")).join("\n")).toContain("anchors are not allowed in a catalog");
  });

  it("tells of no more than a hundred mistakes of a kind", () => {
    expect(readSource("catalog.yaml", `[${",".repeat(1000)}]`).syntax).toHaveLength(100);
    expect(readSource("catalog.yaml", "a: b\n".repeat(1000)).structure).toHaveLength(100);
  });

  it("longer than any catalog is refused before it is read", () => {
    expect(mistakesIn("#".repeat(17 * 1024 * 1024))[0]).toContain("characters; a catalog may have at most");
  });
});

describe("names and tags that something else is kept under", () => {
  test.each<Mistake>([
    [
      "tags: [lts]",
      'tags: ["22.history"]',
      "20:16: 22.history: this tag is reserved: the history of a tag is kept there; choose another",
    ],
    [
      "tags: [lts]",
      "tags: [sha256-abc]",
      "20:16: sha256-abc: this tag is reserved: signatures and SBOMs of an image are listed there; choose another",
    ],
    [
      "  lua:\n    description",
      "  birdhouse:\n    description",
      "31:3: birdhouse: this name is reserved: the publish lock is kept in the repository of this name; choose another",
    ],
  ])("%s → %s", (from, to, message) => {
    const found = mistakesIn(GOOD_CATALOG.replace(from, to));
    expect(found).toContain(`catalog.yaml:${message}`);
  });
});

// Of full size they are in test/full/large-catalogs.test.ts.
describe("a large catalog", () => {
  it.each(largeCatalogs(250))("of %s is right", (_, text) => {
    expect(parseCatalog("catalog.yaml", text).targets).toHaveLength(500);
  });

  it.each(wrongCatalogs(250))("with %s is refused, with little to say of each", (_, text) => {
    const found = mistakesIn(text);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter((line) => line.length > 200)).toEqual([]);
  });
});
