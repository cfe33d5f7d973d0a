import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../../scripts/catalog/load.ts";
import type { Target } from "../../../../scripts/model/target.ts";
import { brokenCatalog, GOOD_CATALOG, mistakesIn, targetsByName } from "../good-catalog.ts";

/** The good catalog with one image more, the 44th line on. */
function withImages(yaml: string): string {
  return `${GOOD_CATALOG}${yaml}`;
}

function namesOf(targets: ReadonlyMap<string, Target>, image: string): string[] {
  return [...targets.keys()].filter((name) => name.startsWith(`${image}:`));
}

describe("an image that extends another", () => {
  const text = withImages(`  web:
    extends: node
    runtime: { packages: [tini], env: { PORT: "80", NODE_ENV: test }, links: { /a: b }, cmd: [server] }
    dev: { packages: [vim], workdir: /web }
  old-web: { extends: web, versions: { "20": { tags: [old], dev: { packages: [curl] } } } }
  next-web: { extends: web, description: Next, versions: { "22": {}, "24": { branch: "3.24" } } }
`);
  const targets = targetsByName(parseCatalog("catalog.yaml", text));

  test("is that one and more, in all its versions", () => {
    expect(namesOf(targets, "web")).toEqual(["web:22", "web:22-dev", "web:20", "web:20-dev"]);
    const node = targets.get("node:22");
    expect(targets.get("web:22")).toEqual({
      ...node,
      name: "web:22",
      image: "web",
      title: "web",
      world: ["nodejs~22", "tini", "tzdata"],
      env: { NODE_ENV: "test", PORT: "80" },
      links: { "/a": "b" },
      cmd: ["server"],
      place: "catalog.yaml:44:3",
    });
    expect(targets.get("web:22-dev")).toMatchObject({
      world: ["git", "make", "nodejs~22", "npm", "pnpm", "vim"],
      workdir: "/web",
    });
    expect(targets.get("web:20-dev")?.world).toEqual(["git", "make", "nodejs~20", "npm", "vim"]);
  });

  test("leaves the other as it was", () => {
    const alone = targetsByName(parseCatalog("catalog.yaml", GOOD_CATALOG));
    for (const [name, target] of alone) expect(targets.get(name)).toEqual(target);
  });

  test("has the versions that it names, and may add to them", () => {
    expect(namesOf(targets, "old-web")).toEqual(["old-web:20", "old-web:20-dev"]);
    expect(targets.get("old-web:20-dev")).toMatchObject({
      branch: "3.20",
      tags: ["20-dev", "old-dev", "dev"],
      world: ["curl", "git", "make", "nodejs~20", "npm", "vim"],
      place: "catalog.yaml:48:40",
    });
    expect(targets.get("next-web:22")).toMatchObject({ description: "Next", tags: ["22", "lts"] });
    expect(targets.get("next-web:24")).toMatchObject({
      branch: "3.24",
      tags: ["24", "latest"],
      world: ["nodejs~24", "tini", "tzdata"],
    });
  });

  test("takes over title, removed paths and dates, but neither example nor budgets", () => {
    const base = brokenCatalog(
      ["    description: JavaScript", "    title: Node.js\n    description: JavaScript"],
      ["tags: [lts]", "eol: 2027-04-30\n        runtime: { budget: 20 MB }"],
      ["      cmd: [node]", "      remove: [/a]\n      budget: 30 MB"],
      [
        "    smoke:\n      version: [node",
        "    example: { test: [t], run: [r], output: o }\n    smoke:\n      version: [node",
      ],
    );
    const both = `${base}  web: { extends: node, runtime: { remove: [/b] }, dev: { budget: 1 GB } }\n`;
    const found = targetsByName(parseCatalog("catalog.yaml", both));
    expect(found.get("node:22")).toMatchObject({ budget: 20e6, example: { directory: "examples/node" } });
    const web = found.get("web:22");
    expect(web).toMatchObject({ title: "Node.js", endOfLife: "2027-04-30", remove: ["/b", "/a"] });
    expect([web?.budget, web?.example]).toEqual([undefined, undefined]);
    expect(found.get("web:22-dev")?.budget).toBe(1e9);
  });

  test.each([
    ["  a: { extends: nodee }", '44:8: nodee: there is no image "nodee"; did you mean "node"?'],
    ["  a: { extends: cobol }", '44:8: cobol: there is no image "cobol"; there are node, lua'],
    ["  a: { extends: a }", "44:8: a: these images extend each other in a circle: a → a"],
    [
      "  c: { extends: a }\n  a: { extends: b }\n  b: { extends: a }",
      "45:8: b: these images extend each other in a circle: a → b → a",
    ],
    [
      '  a: { extends: node, versions: { "23": {}, "22": {} } }',
      '44:35: 23: node has no version "23", it has 20, 22; to add it, set its branch: "23": { branch: "3.22" }',
    ],
    [
      '  a: { extends: node, versions: { "22": {} } }\n  b: { extends: a, versions: { "20": {} } }',
      '45:32: 20: a has no version "20", it has 22; to add it, set its branch: "20": { branch: "3.22" }',
    ],
    [
      "  a: { extends: node, runtime: { packages: [tini, nodejs] } }",
      '44:51: nodejs: this does not pin a:20 to version 20, so its tag would be wrong; write "nodejs~{{version}}"',
    ],
    [
      "  a: { extends: node, package: npm }",
      '44:3: npm: this does not pin a:20-dev to version 20, so its tag would be wrong; write "npm~{{version}}"',
    ],
    [
      '  a: { extends: node, versions: { "22": {}, "20": { tags: [lts] } } }',
      "44:60: lts: one tag cannot name two targets: a:22 (line 44) and a:20 (line 44)",
    ],
    [
      "  a: { extends: Node }",
      '44:17: extends: expected an image name: lower-case letters and digits, with single dots, dashes or underscores between them, found "Node" (lower case only)',
    ],
  ])("%s", (yaml, said) => {
    expect(mistakesIn(withImages(yaml))).toEqual([`catalog.yaml:${said}`]);
  });
});
