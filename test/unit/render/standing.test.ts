import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import {
  link as hardLink,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { MARK } from "../../../scripts/render/mark.ts";
import { differencesOf, type Rendering, writeRendering } from "../../../scripts/render/rendering.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { noSmallDisk, smallDisk } from "../../support/small-disk.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const DOCKERFILE = `# ${MARK} by \`make render\`\nFROM scratch\n`;
const README = `<!-- ${MARK} by \`make render\` -->\n\n# Lua\n`;

function renderingIn(folder: string): Rendering {
  return {
    images: join(folder, "images"),
    files: new Map([
      ["images/lua/5.4/Dockerfile", DOCKERFILE],
      ["images/lua/5.4/dev/Dockerfile", DOCKERFILE],
      ["images/lua/README.md", README],
      ["examples/lua/README.md", README],
    ]),
  };
}

async function render(folder: string): Promise<readonly string[]> {
  const rendering = renderingIn(folder);
  const differences = await differencesOf(rendering);
  await writeRendering(rendering, differences);
  return differences.map(({ path }) => path);
}

/** All below a folder, with what it is: path → text, or where a link points. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) found[path] = `→ ${await readlink(path)}`;
    else if (entry.isFile()) found[path] = await readFile(path, "utf8");
    else found[path] = "(no file)";
  }
  return found;
}

async function put(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function link(folder: string, path: string, aim: string): Promise<void> {
  await rm(join(folder, path), { recursive: true, force: true });
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await symlink(aim, join(folder, path));
}

/** What is in the way: its name, how it comes there, and what is said of it. */
const IN_THE_WAY: readonly (readonly [string, (folder: string) => Promise<unknown>, string])[] = [
  ["a picture", (at) => put(at, "images/holiday.jpg", "\xff\xd8\xff"), "images/holiday.jpg does not say"],
  ["a deep one", (at) => put(at, "images/a/b/c/notes", "mine"), "images/a/b/c/notes does not say"],
  ["a hidden one", (at) => put(at, "images/.gitkeep", ""), "images/.gitkeep does not say"],
  [
    "a README of theirs",
    (at) => put(at, "images/lua/README.md", "# Mine\n"),
    "images/lua/README.md does not",
  ],
  [
    "one that has the mark further down",
    (at) => put(at, "images/lua/README.md", `# Mine\n# ${MARK}\n`),
    "images/lua/README.md does not say",
  ],
  [
    "one that speaks of the mark",
    (at) => put(at, "examples/lua/README.md", `# How ${MARK} works\n`),
    "examples/lua/README.md does not say",
  ],
  [
    "one that is named like a file half-written",
    (at) => put(at, "images/lua/README.md.1234", "mine"),
    "images/lua/README.md.1234 does not say",
  ],
  [
    "a link in the place of a README",
    (at) => link(at, "examples/lua/README.md", "../../precious"),
    "examples/lua/README.md is a symbolic link",
  ],
  [
    "a link to a file that has the mark",
    (at) => link(at, "images/lua/x", "README.md"),
    "images/lua/x is a symb",
  ],
  [
    "a link that dangles",
    (at) => link(at, "images/lua/5.4/Dockerfile", "/nowhere"),
    "Dockerfile is a symbolic",
  ],
  ["a link that loops", (at) => link(at, "images/lua/5.4", "5.4"), "images/lua/5.4 is a symbolic link"],
  ["images as a link", (at) => link(at, "images", "precious-folder"), "  images is a symbolic link"],
  [
    "an example's folder as a link",
    (at) => link(at, "examples/lua", "../precious-folder"),
    "  examples/lua is a",
  ],
  ["examples as a link", (at) => link(at, "examples", "precious-folder"), "  examples is a symbolic link"],
  [
    "a folder where a file is to come",
    (at) => mkdir(join(at, "images/lua/5.4/dev/Dockerfile"), { recursive: true }),
    "images/lua/5.4/dev/Dockerfile is a directory, and a file is rendered there",
  ],
  [
    "a file where a folder is to come",
    (at) => put(at, "images/lua/5.4", "mine"),
    "images/lua/5.4 does not say",
  ],
  ["images as a file", (at) => put(at, "images", "mine"), "  images does not say"],
  [
    "a pipe",
    async (at) => {
      await mkdir(join(at, "images/lua"), { recursive: true });
      execFileSync("mkfifo", [join(at, "images/lua/README.md")]);
    },
    "images/lua/README.md is neither a file nor a directory",
  ],
];

describe("what is not ours where something rendered is to come", () => {
  it.each(IN_THE_WAY)("%s is named, and nothing is changed", async (_, make, words) => {
    const folder = await temporaryDirectory();
    await put(folder, "precious", "mine");
    await put(folder, "precious-folder/Dockerfile", "mine");
    await make(folder);
    const before = await snapshot(folder);
    const refused = differencesOf(renderingIn(folder));
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(words);
    expect(await snapshot(folder)).toEqual(before);
  });

  it("is a README with a region where it is a link: what it points at stays as it was", async () => {
    const folder = await temporaryDirectory();
    await put(folder, "elsewhere/README.md", "mine");
    await link(folder, "README.md", "elsewhere/README.md");
    const text = "# Team\n<!-- languages: rendered by make render -->\n<!-- /languages -->\n";
    const { images, files } = renderingIn(folder);
    const rendering = { images, files: new Map([...files, ["README.md", text]]) };
    await expect(differencesOf(rendering)).rejects.toThrow("  README.md is a symbolic link");
    expect(await readFile(join(folder, "elsewhere/README.md"), "utf8")).toBe("mine");
  });

  it("is not a file elsewhere that is the same one by a hard link: that keeps its text", async () => {
    const folder = await temporaryDirectory();
    await put(folder, "images/lua/README.md", `${README}old`);
    await hardLink(join(folder, "images/lua/README.md"), join(folder, "copy"));
    await render(folder);
    expect(await readFile(join(folder, "copy"), "utf8")).toBe(`${README}old`);
  });

  it("is named all at once, as far as that helps", async () => {
    const folder = await temporaryDirectory();
    for (let at = 10; at < 35; at++) await put(folder, `images/${at}.jpg`, "film");
    const refused = differencesOf(renderingIn(folder));
    await expect(refused).rejects.toThrow("25 entries are in the way");
    await expect(refused).rejects.toThrow(/10\.jpg.*\n.*11\.jpg(?:.*\n)+.*29\.jpg.*\n {2}… and 5 more$/);
  });
});

describe("what is ours", () => {
  it("is replaced where it was edited, and removed where it is stale, with its folders", async () => {
    const folder = await temporaryDirectory();
    expect(await render(folder)).toHaveLength(4);
    const asRendered = await snapshot(folder);
    await put(folder, "images/lua/README.md", `${README}more`);
    await put(folder, "images/lua/5.3/dev/Dockerfile", DOCKERFILE);
    await put(folder, "images/tcl/README.md", `\ufeff${README.replaceAll("\n", "\r\n")}`);
    expect(await render(folder)).toEqual([
      "images/lua/5.3/dev/Dockerfile",
      "images/lua/README.md",
      "images/tcl/README.md",
    ]);
    expect(await snapshot(folder)).toEqual(asRendered);
  });

  it("is what a run that was killed had begun to write", async () => {
    const folder = await temporaryDirectory();
    await render(folder);
    const asRendered = await snapshot(folder);
    await put(folder, "images/lua/5.4/Dockerfile.3894019254", "");
    await put(folder, "images/lua/README.md.17", README.slice(0, 9));
    await put(folder, "images/lua/5.4/dev/Dockerfile.9", DOCKERFILE);
    await put(folder, "examples/lua/README.md.99", README.slice(0, 70));
    await render(folder);
    expect(await snapshot(folder)).toEqual(asRendered);
  });

  it("is not what only has such a name, in a folder that holds others' files", async () => {
    const folder = await temporaryDirectory();
    await put(folder, "examples/lua/README.md.1", "mine");
    await put(folder, "examples/lua/README.md.old", README);
    await put(folder, "examples/lua/other", README);
    await render(folder);
    expect((await readdir(join(folder, "examples/lua"))).sort()).toEqual([
      ...["README.md", "README.md.1", "README.md.old", "other"],
    ]);
  });

  it("may stand in the way of a folder", async () => {
    const folder = await temporaryDirectory();
    await put(folder, "images/lua/5.4", DOCKERFILE);
    await render(folder);
    expect(lstatSync(join(folder, "images/lua/5.4/dev/Dockerfile")).isFile()).toBe(true);
  });

  it("is left alone where it is as it should be", async () => {
    const folder = await temporaryDirectory();
    await render(folder);
    const { ino } = lstatSync(join(folder, "images/lua/5.4/Dockerfile"));
    await put(folder, "images/lua/README.md", `${README}more`);
    await render(folder);
    expect(lstatSync(join(folder, "images/lua/5.4/Dockerfile")).ino).toBe(ino);
  });
});

describe("a rendering that cannot all be written", () => {
  it.skipIf(noSmallDisk)(`says why and which, and leaves nothing in part${noSmallDisk ?? ""}`, async () => {
    const folder = smallDisk("128k");
    const text = `${DOCKERFILE}${"#\n".repeat(5000)}`;
    const names = Array.from({ length: 20 }, (_, at) => `lua/${at + 10}/Dockerfile`);
    const rendering = {
      images: join(folder, "images"),
      files: new Map(names.map((name) => [`images/${name}`, text])),
    };
    const failed = writeRendering(rendering, await differencesOf(rendering));
    await expect(failed).rejects.toThrow(/^the disk is full: cannot write .*images\/lua\/\d\d\/Dockerfile\n/);
    const error = (await failed.catch((one: unknown) => one)) as UserError;
    const count = Number(/(\d+) of 20 files were not changed: /.exec(error.message)?.[1]);
    expect(count).toBeGreaterThan(0);
    const written = Object.entries(await snapshot(folder)).filter(([, content]) => content !== "(no file)");
    expect(written).toHaveLength(20 - count);
    expect(written.every(([, content]) => content === text)).toBe(true);
  });
});
