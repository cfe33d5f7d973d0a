import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadCatalog } from "../../../../scripts/catalog/load.ts";
import { catalogFolder, mistakesInFiles } from "../catalog-folder.ts";
import { brokenCatalog, GOOD_CATALOG } from "../good-catalog.ts";

const IMAGES = `registry: registry.example/team
images:
  web: { extends: node, versions: { "22": {} } }
`;

const withFile = (from: string) =>
  brokenCatalog([
    '    runtime:\n      packages: ["nodejs~{{version}}"]',
    `    runtime:\n      files: { /etc/app: { from: ${from} } }\n      packages: ["nodejs~{{version}}"]`,
  ]);

describe("the catalog that Birdhouse comes with", () => {
  test("is extended by its name, from any folder, and gives what is asked of it", async () => {
    const folder = await catalogFolder({
      "catalog.yaml": `extends: birdhouse
registry: registry.example/team
images:
  node: { extends: node, versions: { "22": {} } }
  own: { extends: lua, runtime: { packages: [tini] }, versions: { "5.4": {} } }
`,
    });
    const { registry, targets } = await loadCatalog(join(folder, "catalog.yaml"));
    expect(registry).toBe("registry.example/team");
    expect(targets[0]?.platforms).toEqual(["linux/amd64", "linux/arm64"]);
    expect(targets.map(({ name }) => name)).toEqual(["node:22", "node:22-dev", "own:5.4", "own:5.4-dev"]);
    expect(targets[2]?.world).toContain("tini");
  });

  test("is not to blame for a mistake: the place is in the own catalog", async () => {
    const own = `extends: birdhouse\nregistry: registry.example/team\nimages:\n  web: { extends: nodee }\n`;
    expect(await mistakesInFiles({ "catalog.yaml": own })).toEqual([
      expect.stringMatching(/^catalog\.yaml:4:\d+: nodee: there is no image "nodee"; did you mean "node"/),
    ]);
  });
});

describe("a catalog at an address", () => {
  let cache: string;
  beforeEach(async () => {
    cache = await catalogFolder({});
    vi.stubEnv("XDG_CACHE_HOME", cache);
  });
  afterEach(() => vi.unstubAllEnvs());

  /** What `extends` says of a text that was downloaded before: no server is asked. */
  async function addressOf(text: string): Promise<string> {
    const digest = createHash("sha256").update(text).digest("hex");
    await mkdir(join(cache, "birdhouse/catalogs"), { recursive: true });
    await writeFile(join(cache, `birdhouse/catalogs/${digest}.yaml`), text);
    return `https://base.example/catalog.yaml#sha256=${digest}`;
  }

  test("gives its images", async () => {
    const own = `extends: ${await addressOf(GOOD_CATALOG)}\n${IMAGES}`;
    const folder = await catalogFolder({ "catalog.yaml": own });
    const { targets } = await loadCatalog(join(folder, "catalog.yaml"));
    expect(targets.map(({ name }) => name)).toEqual(["web:22", "web:22-dev"]);
  });

  test.each([
    ["a file", withFile("files/app"), "files/app"],
    ["an absolute path", withFile("/etc/shadow"), "/etc/shadow"],
    ["templates", brokenCatalog(["images:", "templates: own\nimages:"]), "own"],
    ["certificates", brokenCatalog(["images:", "certificates: [root.pem]\nimages:"]), "root.pem"],
    ["keys", brokenCatalog(["sources:\n", "sources:\n  keys: keys\n"]), "keys"],
    ["a key to sign with", brokenCatalog(["images:", "sign: { key: cosign.key }\nimages:"]), "cosign.key"],
    [
      "keys of a Sigstore",
      brokenCatalog([
        "images:",
        'sign: { keyless: true, sigstore: { signingConfig: "https://x.example/s", trustedRoot: root.json } }\nimages:',
      ]),
      "root.json",
    ],
    ["another catalog", `extends: ../other.yaml\n${IMAGES}`, "../other.yaml"],
  ])("can name no %s, and the own catalog's line is told", async (_, text, named) => {
    const own = `extends: ${await addressOf(text)}\n${IMAGES}`;
    const [said, ...more] = await mistakesInFiles({ "catalog.yaml": own });
    expect(more).toEqual([]);
    expect(said).toMatch(
      /^catalog\.yaml:1:10: .*this catalog has 1 mistake; the first is https:\/\/base\.example/,
    );
    expect(said).toContain(`: ${named}: a catalog at an address can name no files`);
  });

  test("is read only if it is what the digest says", async () => {
    const address = await addressOf("images: {}\n");
    await writeFile(join(cache, `birdhouse/catalogs/${address.slice(-64)}.yaml`), GOOD_CATALOG);
    // Not the one in the cache, so the server is asked, which a unit test does not let happen.
    const said = await mistakesInFiles({ "catalog.yaml": `extends: ${address}\n${IMAGES}` });
    expect(said[0]).toMatch(/^catalog\.yaml:1:10: /);
    expect(said.join("\n")).not.toContain("expected at least one image");
  });
});

describe("a catalog in a file that another extends", () => {
  const own = `extends: ../base/catalog.yaml\n${IMAGES}`;

  test.each([
    ["a path", "../../own/secret"],
    ["an absolute path", "/etc/hostname"],
  ])("cannot name by %s what lies outside of its folder", async (_, from) => {
    const files = { "own/catalog.yaml": own, "base/catalog.yaml": withFile(from), "own/secret": "x\n" };
    expect(await mistakesInFiles(files)).toEqual([
      expect.stringMatching(/^base\/catalog\.yaml:\d+:\d+: .*: this lies outside of base, the folder/),
    ]);
  });

  test("cannot by a symbolic link", async () => {
    const folder = await catalogFolder({ "own/catalog.yaml": own, "base/catalog.yaml": withFile("link") });
    await symlink("/etc/hostname", join(folder, "base/link"));
    await expect(loadCatalog(join(folder, "own/catalog.yaml"))).rejects.toThrow("link: this lies outside of");
  });

  test("can name what lies in it, and the own catalog what lies anywhere", async () => {
    const folder = await catalogFolder({
      "own/catalog.yaml": `${own.trimEnd().slice(0, -2)}, runtime: { files: { /etc/b: { from: ../b } } } }\n`,
      "base/catalog.yaml": withFile("files/app"),
      "base/files/app": "app\n",
      b: "b\n",
    });
    const { targets } = await loadCatalog(join(folder, "own/catalog.yaml"));
    expect(Object.keys(targets[0]?.files ?? {})).toEqual(["/etc/app", "/etc/b"]);
  });
});
