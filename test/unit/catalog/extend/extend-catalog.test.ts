import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalog } from "../../../../scripts/catalog/load.ts";
import type { Catalog } from "../../../../scripts/model/target.ts";
import { catalogFolder, mistakesInFiles } from "../catalog-folder.ts";
import { brokenCatalog, mistakesIn, targetsByName } from "../good-catalog.ts";

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
    const targets = targetsByName(catalog);
    expect([...targets.keys()]).toEqual(["web:22", "web:22-dev", "web:20", "web:20-dev"]);
    expect(targets.get("web:20-dev")).toMatchObject({
      platforms: ["linux/amd64", "linux/arm64"],
      world: ["git", "make", "nodejs-npm", "nodejs~20", "vim"],
      shared: ["git", "make"],
      endOfLife: "2026-04-01",
    });
    expect(targets.get("web:22")?.place).toMatch(/own\/catalog\.yaml:3:3$/);
  });

  test("takes over how layers are compressed, unless it says so itself", async () => {
    const own = "extends: ../birdhouse/catalog.yaml\nimages:\n  web: { extends: node }\n";
    const zstd = parent.replace("images:", "compression: zstd:9\nimages:");
    const taken = await load(own, { "birdhouse/catalog.yaml": zstd });
    expect(taken.compression).toEqual({ format: "zstd", level: 9 });
    const back = await load(`compression: gzip\n${own}`, { "birdhouse/catalog.yaml": zstd });
    expect(back.compression).toEqual({ format: "gzip" });
    expect((await load(own)).compression).toBeUndefined();
  });

  test("takes over no wish for what has ended: that costs a build for each version", async () => {
    const own = "extends: ../birdhouse/catalog.yaml\nimages:\n  web: { extends: node }\n";
    const wishing = parent
      .replace("images:", "archived: true\nimages:")
      .replace("  node:\n", "  node:\n    archived: true\n");
    const catalog = await load(own, { "birdhouse/catalog.yaml": wishing });
    expect(catalog.targets.some(({ evenArchived }) => evenArchived)).toBe(false);
    const asking = await load(`archived: true\n${own}`);
    expect(asking.targets.every(({ evenArchived }) => evenArchived)).toBe(true);
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
    const targets = targetsByName(catalog);
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
    expect(targetsByName(catalog).get("shop:22-dev")?.world).toEqual([
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
    ).toEqual(['own.yaml:3:11: lua: there is no image "lua"; there is web']);
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
        'own.yaml:1:10: extends: expected birdhouse, the file of a catalog such as "../catalog.yaml", or an address with its digest, "https://…#sha256=…", found "../birdhouse"',
      ],
    ],
    [
      "itself",
      { "own.yaml": `extends: ./own.yaml\n${WEB}` },
      ["own.yaml:1:10: ./own.yaml: these catalogs extend each other in a circle: own.yaml → own.yaml"],
    ],
    [
      "one that extends this one",
      { "own.yaml": `extends: a/b.yaml\n${WEB}`, "a/b.yaml": `extends: ../own.yaml\n${WEB}` },
      [
        "a/b.yaml:1:10: ../own.yaml: these catalogs extend each other in a circle: own.yaml → a/b.yaml → own.yaml",
      ],
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
        "own.yaml:6:8: b: these images extend each other in a circle: a → b → a",
      ],
    ],
    [
      "a branch that neither knows",
      {
        "own.yaml":
          'extends: catalog.yaml\nimages: { web: { extends: node, versions: { "24": { branch: "3.24" } } } }\n',
        "catalog.yaml": parent,
      },
      ['own.yaml:2:53: 3.24: branches has no Alpine branch "3.24"; did you mean "3.20" or "3.22"?'],
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
