import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import type { Example } from "../../../scripts/model/target.ts";
import { renderCatalog } from "../../../scripts/render/files.ts";
import { MARK } from "../../../scripts/render/mark.ts";
import {
  compareFiles,
  differencesOf,
  type Rendering,
  renderAll,
  writeRendering,
} from "../../../scripts/render/rendering.ts";
import { loadReadmeTemplates } from "../../../scripts/render/templates.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const templates = await loadReadmeTemplates(TEMPLATES);

const EXAMPLE: Example = {
  directory: "examples/node",
  test: ["npm", "test"],
  run: ["node", "."],
  output: "hi",
};

const REGION = "<!-- languages: rendered by make render -->\n<!-- /languages -->\n";

/** Renders a catalog of one image into a folder. */
async function renderInto(folder: string, images = "images"): Promise<Rendering> {
  const { runtime, dev } = sampleRelease({ example: EXAMPLE });
  const catalog = sampleCatalog([runtime, dev]);
  const dockerfiles = renderCatalog(catalog, ({ name }) => `# ${MARK}: ${name}\n`);
  return renderAll(catalog, join(folder, images), dockerfiles, templates);
}

async function render(folder: string, images?: string): Promise<string[]> {
  const rendering = await renderInto(folder, images);
  const differences = await differencesOf(rendering);
  await writeRendering(rendering, differences);
  return differences.map(({ path }) => path);
}

const IN_IMAGES = ["images/node/22/Dockerfile", "images/node/22/dev/Dockerfile", "images/node/README.md"];

describe("a rendering", () => {
  it("is written where it differs, and then does not", async () => {
    const folder = await temporaryDirectory();
    expect(await render(folder)).toEqual(IN_IMAGES);
    expect(await render(folder)).toEqual([]);
    expect((await renderInto(folder)).files.size).toBe(3);
    expect(await readdir(folder)).toEqual(["images"]);
  });

  it("tells of a README that was edited, with a patch, and of a file that is stale", async () => {
    const folder = await temporaryDirectory();
    await render(folder);
    const readme = join(folder, "images/node/README.md");
    await writeFile(readme, `${await readFile(readme, "utf8")}# Mine\n`);
    await writeFile(join(folder, "images/node/stale"), `# ${MARK}\n`);
    const differences = await differencesOf(await renderInto(folder));
    expect(differences.map(({ path }) => path)).toEqual(["images/node/README.md", "images/node/stale"]);
    expect(differences[0]?.patch).toContain("-# Mine\n");
    await render(folder);
    expect((await readdir(join(folder, "images/node"))).sort()).toEqual(["22", "README.md"]);
  });

  it("fills the region of the README beside the catalog, and leaves the rest of it", async () => {
    const folder = await temporaryDirectory();
    const readme = join(folder, "README.md");
    await writeFile(readme, `# Team\n\n${REGION}\nThe end $& $1\n`);
    expect(await render(folder)).toEqual([...IN_IMAGES, "README.md"]);
    const text = await readFile(readme, "utf8");
    expect(text).toMatch(
      /^# Team\n\n<!-- languages: rendered by make render -->\n\n1 image, 1 version, 2 targets/,
    );
    expect(text).toContain(
      "| [Node.js](images/node/README.md) | 22 | not measured |\n\n<!-- /languages -->\n",
    );
    expect(text).toMatch(/\nThe end \$& \$1\n$/);
    await writeFile(readme, text.replace("| 22 |", "| 99 |"));
    expect(await render(folder)).toEqual(["README.md"]);
    expect(await readFile(readme, "utf8")).toBe(text);
  });

  it("leaves a README without a region alone", async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, "README.md"), "# Team\n");
    expect(await render(folder)).toEqual(IN_IMAGES);
    expect(await readFile(join(folder, "README.md"), "utf8")).toBe("# Team\n");
  });

  it("refuses a region that has no end", async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, "README.md"), REGION.split("\n")[0] ?? "");
    const refused = renderInto(folder);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(`${join(folder, "README.md")}: <!-- languages`);
  });

  it("writes the README of an example that there is, and nothing else there", async () => {
    const folder = await temporaryDirectory();
    const app = join(folder, "examples/node");
    await mkdir(app, { recursive: true });
    await writeFile(join(app, "index.js"), "");
    expect(await render(folder)).toEqual(IN_IMAGES);
    await writeFile(join(app, "Dockerfile"), "");
    const before = (await stat(join(app, "index.js"))).mtimeMs;
    expect(await render(folder)).toEqual(["images/node/README.md", "examples/node/README.md"]);
    expect((await readdir(app)).sort()).toEqual(["Dockerfile", "README.md", "index.js"]);
    expect((await stat(join(app, "index.js"))).mtimeMs).toBe(before);
  });

  it("has the sizes of sizes.json beside the catalog", async () => {
    const folder = await temporaryDirectory();
    const measured = { branch: "3.22", index: "v3.22.2", date: "2025-11-16", packages: 25 };
    const sizes = { ...measured, installed: 80e6, compressed: 29_509_662, largest: {} };
    const text = JSON.stringify({ targets: { "node:22": sizes }, savings: {} });
    await writeFile(join(folder, "sizes.json"), text);
    const { files } = await renderInto(folder);
    expect(files.get("images/node/README.md")).toContain(
      "| `node:22` | 29.5 MB | 80 MB | 25 | v3.22.2, 2025-11-16 |",
    );
  });

  it("of a further catalog in the folder is its images alone", async () => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, "examples/node"), { recursive: true });
    await writeFile(join(folder, "examples/node/Dockerfile"), "");
    await writeFile(join(folder, "README.md"), REGION);
    await writeFile(join(folder, "sizes.json"), "of catalog.yaml");
    const paths = await render(folder, "team.images");
    expect(paths).toEqual(IN_IMAGES.map((path) => `team.${path}`));
    expect(await readFile(join(folder, "README.md"), "utf8")).toBe(REGION);
  });
});

describe("compareFiles", () => {
  it("finds nothing where all is as rendered, in whatever order", () => {
    const committed = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(compareFiles(committed, new Map([...committed].reverse()))).toEqual([]);
  });

  it("gives a unified diff from what is committed to what is rendered", () => {
    const committed = new Map([
      ["lua/Dockerfile", "FROM a\nRUN b\n"],
      ["same", "1"],
    ]);
    const rendered = new Map([
      ["lua/Dockerfile", "FROM a\nRUN c\n"],
      ["same", "1"],
    ]);
    const [difference, ...more] = compareFiles(committed, rendered);
    expect(more).toEqual([]);
    expect(difference?.path).toBe("lua/Dockerfile");
    expect(difference?.patch.split("\n").slice(1)).toEqual([
      "===================================================================",
      "--- lua/Dockerfile\tcommitted",
      "+++ lua/Dockerfile\trendered",
      "@@ -1,2 +1,2 @@",
      " FROM a",
      "-RUN b",
      "+RUN c",
      "",
    ]);
  });

  it("tells of files that are new and files that are stale, by path", () => {
    const differences = compareFiles(new Map([["z", "old\n"]]), new Map([["a", "new\n"]]));
    expect(differences.map(({ path }) => path)).toEqual(["a", "z"]);
    expect(differences[0]?.patch).toContain("--- /dev/null\tcommitted\n+++ a\trendered\n");
    expect(differences[0]?.patch).toContain("\n+new\n");
    expect(differences[1]?.patch).toContain("--- z\tcommitted\n+++ /dev/null\trendered\n");
    expect(differences[1]?.patch).toContain("\n-old\n");
  });

  it("tells an empty file from none", () => {
    expect(compareFiles(new Map(), new Map([["a", ""]])).map(({ path }) => path)).toEqual(["a"]);
  });
});
