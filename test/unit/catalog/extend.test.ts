import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import type { Catalog, Target } from "../../../scripts/catalog/target.ts";
import { catalogFolder, mistakesInFiles } from "./catalog-folder.ts";
import { brokenCatalog, GOOD_CATALOG, mistakesIn } from "./good-catalog.ts";

/** The good catalog with one image more, the 44th line on. */
function withImages(yaml: string): string {
  return `${GOOD_CATALOG}${yaml}`;
}

function targetsOf({ targets }: Catalog): ReadonlyMap<string, Target> {
  return new Map(targets.map((target) => [target.name, target]));
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
  const targets = targetsOf(parseCatalog("catalog.yaml", text));

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
    const alone = targetsOf(parseCatalog("catalog.yaml", GOOD_CATALOG));
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
    const found = targetsOf(parseCatalog("catalog.yaml", both));
    expect(found.get("node:22")).toMatchObject({ budget: 20e6, example: { directory: "examples/node" } });
    const web = found.get("web:22");
    expect(web).toMatchObject({ title: "Node.js", endOfLife: "2027-04-30", remove: ["/b", "/a"] });
    expect([web?.budget, web?.example]).toEqual([undefined, undefined]);
    expect(found.get("web:22-dev")?.budget).toBe(1e9);
  });

  test.each([
    ["  a: { extends: nodee }", '44:8: nodee: no image is called so; did you mean "node"?'],
    ["  a: { extends: cobol }", "44:8: cobol: no image is called so; there are node, lua"],
    ["  a: { extends: a }", "44:8: a: this goes in a circle: a → a"],
    [
      "  c: { extends: a }\n  a: { extends: b }\n  b: { extends: a }",
      "45:8: b: this goes in a circle: a → b → a",
    ],
    [
      '  a: { extends: node, versions: { "23": {}, "22": {} } }',
      "44:35: 23: node has no such version, it has 20, 22; for a new one say its branch",
    ],
    [
      '  a: { extends: node, versions: { "22": {} } }\n  b: { extends: a, versions: { "20": {} } }',
      "45:32: 20: a has no such version, it has 22; for a new one say its branch",
    ],
    [
      "  a: { extends: node, runtime: { packages: [tini, nodejs] } }",
      '44:51: nodejs: a:20 is not held to version 20 by this: its tag would lie; write "nodejs~{{version}}"',
    ],
    [
      "  a: { extends: node, package: npm }",
      '44:3: npm: a:20-dev is not held to version 20 by this: its tag would lie; write "npm~{{version}}"',
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

describe("a catalog that extends another", () => {
  const parent = brokenCatalog([
    "images:",
    `branches: { "3.20": { eol: 2026-04-01 }, "3.22": { eol: 2027-05-01 } }
renamed: { npm: { "3.20": [nodejs-npm] } }
excluded: { julia: { title: Julia, reason: none } }
images:`,
  ]);

  async function load(own: string, files: Record<string, string> = {}): Promise<Catalog> {
    const all = { "own/catalog.yaml": own, "birdhouse/catalog.yaml": parent, ...files };
    return loadCatalog(join(await catalogFolder(all), "own/catalog.yaml"));
  }

  test("takes over its settings, and builds none of its images", async () => {
    const own =
      "extends: ../birdhouse/catalog.yaml\nimages:\n  web: { extends: node, dev: { packages: [vim] } }\n";
    const catalog = await load(own);
    expect(catalog).toMatchObject({
      registry: "ghcr.io/birdhouse",
      sources: { base: "docker.io/library/alpine", packages: "https://dl-cdn.alpinelinux.org/alpine" },
      branches: { "3.20": { eol: "2026-04-01" }, "3.22": { eol: "2027-05-01" } },
      excluded: {},
    });
    const targets = targetsOf(catalog);
    expect([...targets.keys()]).toEqual(["web:22", "web:22-dev", "web:20", "web:20-dev"]);
    expect(targets.get("web:20-dev")).toMatchObject({
      platforms: ["linux/amd64", "linux/arm64"],
      world: ["git", "make", "nodejs-npm", "nodejs~20", "vim"],
      shared: ["git", "make"],
      endOfLife: "2026-04-01",
    });
    expect(targets.get("web:22")?.place).toMatch(/own\/catalog\.yaml:3:3$/);
  });

  test("has its own where it says so", async () => {
    const catalog = await load(`extends: ../birdhouse/catalog.yaml
registry: registry.example/own
platforms: [linux/arm64]
sources: { base: alpine, packages: "https://mirror.example" }
branches: { "3.22": { eol: 2027-01-01 }, "3.24": { eol: 2028-05-01 } }
renamed: { vim: { "3.20": [vi] } }
defaults: { dev: { packages: [vim] } }
images:
  node: { extends: node, versions: { "20": {}, "24": { branch: "3.24" } } }
`);
    expect(catalog).toMatchObject({
      registry: "registry.example/own",
      sources: { base: "alpine", packages: "https://mirror.example" },
      branches: {
        "3.20": { eol: "2026-04-01" },
        "3.22": { eol: "2027-01-01" },
        "3.24": { eol: "2028-05-01" },
      },
    });
    const targets = targetsOf(catalog);
    expect([...targets.keys()]).toEqual(["node:24", "node:24-dev", "node:20", "node:20-dev"]);
    expect(targets.get("node:20")).toMatchObject({
      platforms: ["linux/arm64"],
      world: ["nodejs~20", "tzdata"],
    });
    expect(targets.get("node:20-dev")?.world).toEqual(["nodejs-npm", "nodejs~20", "vi"]);
  });

  test("may be extended itself, each path from its own folder", async () => {
    const middle =
      "extends: ../../birdhouse/catalog.yaml\nimages:\n  web: { extends: node, dev: { packages: [vim] } }\n";
    const own =
      "extends: teams/a/catalog.yaml\nimages:\n  shop: { extends: web, dev: { packages: [curl] } }\n";
    const catalog = await load(own, { "own/teams/a/catalog.yaml": middle.replace("../../", "../../../") });
    expect(targetsOf(catalog).get("shop:22-dev")?.world).toEqual([
      "curl",
      "git",
      "make",
      "nodejs~22",
      "npm",
      "pnpm",
      "vim",
    ]);
    // What the catalog in the middle does not build of its parent cannot be extended through it.
    expect(
      await mistakesInFiles({
        "own.yaml": own.replace("extends: web", "extends: lua").replace("teams/a/catalog.yaml", "a.yaml"),
        "a.yaml": middle.replace("../../birdhouse/", ""),
        "catalog.yaml": parent,
      }),
    ).toEqual(["own.yaml:3:11: lua: no image is called so; there are web"]);
  });

  test("may name it by an absolute path", async () => {
    const folder = await catalogFolder({ "catalog.yaml": parent });
    const own = `extends: ${folder}/catalog.yaml\nimages:\n  web: { extends: node }\n`;
    expect((await load(own)).targets).toHaveLength(4);
  });

  const WEB = "images:\n  web: { extends: node }\n";
  test.each<[what: string, files: Record<string, string>, said: string[]]>([
    [
      "no such file",
      { "own.yaml": `extends: catalogue.yaml\n${WEB}`, "catalog.yaml": parent },
      ['own.yaml:1:10: catalogue.yaml: catalogue.yaml: there is no such file; did you mean "catalog.yaml"?'],
    ],
    [
      "no catalog's file",
      { "own.yaml": `extends: ../birdhouse\n${WEB}` },
      [
        'own.yaml:1:10: extends: expected the file of a catalog such as "../catalog.yaml", found "../birdhouse"',
      ],
    ],
    [
      "itself",
      { "own.yaml": `extends: ./own.yaml\n${WEB}` },
      ["own.yaml:1:10: ./own.yaml: this goes in a circle: own.yaml → own.yaml"],
    ],
    [
      "one that extends this one",
      { "own.yaml": `extends: a/b.yaml\n${WEB}`, "a/b.yaml": `extends: ../own.yaml\n${WEB}` },
      ["a/b.yaml:1:10: ../own.yaml: this goes in a circle: own.yaml → a/b.yaml → own.yaml"],
    ],
    [
      "mistakes in both, and nothing that only follows from those in the other",
      {
        "own.yaml": `extends: catalog.yaml\nplatforms: []\nbranches: {}\n${WEB}  a: { extends: b }\n  b: { extends: a }\n`,
        "catalog.yaml": brokenCatalog(["registry: ghcr.io/", "registry: "], ["  node:", "  nodes:"]),
      },
      [
        'catalog.yaml:2:11: registry: expected HOST[:PORT]/NAMESPACE such as "ghcr.io/birdhouse", found "birdhouse" (the namespace is missing)',
        "own.yaml:2:12: platforms: expected at least one item, found an empty list",
        "own.yaml:6:8: b: this goes in a circle: a → b → a",
      ],
    ],
    [
      "a branch that neither knows",
      {
        "own.yaml":
          'extends: catalog.yaml\nimages: { web: { extends: node, versions: { "24": { branch: "3.24" } } } }\n',
        "catalog.yaml": parent,
      },
      [
        'own.yaml:2:53: 3.24: there is no such branch of Alpine under branches; did you mean "3.20" or "3.22"?',
      ],
    ],
  ])("%s", async (_, files, said) => {
    expect(await mistakesInFiles(files)).toEqual(said);
  });

  test("has a file", () => {
    expect(mistakesIn(`extends: catalog.yaml\n${WEB}`)).toEqual([
      "catalog.yaml:1:10: catalog.yaml: only a catalog in a file can extend another",
    ]);
  });
});
