import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceSite } from "../../../../scripts/app/site/folder.ts";

describe("the folder of a site", () => {
  let folder: string;
  let output: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "birdhouse-site-"));
    output = join(folder, "site");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (text: string, path = "images/a.html") => replaceSite(output, ({ save }) => save(path, text));
  const read = (path: string) => readFile(join(output, path), "utf8");

  it("is made where there is none, and replaced as a whole", async () => {
    expect(await write("one")).toBe(1);
    expect(await read("images/a.html")).toBe("one");
    await write("two", "b.html");
    expect((await readdir(output)).sort()).toEqual(["b.html", "birdhouse-site.json"]);
    expect(await readdir(folder)).toEqual(["site"]);
  });

  it("may be empty", async () => {
    await mkdir(output);
    await write("one");
    expect(await read("images/a.html")).toBe("one");
  });

  it("stays as it was where writing fails", async () => {
    await write("one");
    const failing = replaceSite(output, async ({ save }) => {
      await save("b.html", "two");
      throw new Error("the registry went away");
    });
    await expect(failing).rejects.toThrow("the registry went away");
    expect(await read("images/a.html")).toBe("one");
    expect(await readdir(folder)).toEqual(["site"]);
  });

  it("is refused where it is not ours, or has more in it than we wrote", async () => {
    await mkdir(output);
    await writeFile(join(output, "thesis.txt"), "");
    await expect(write("one")).rejects.toThrow("is not empty and is not a site of Birdhouse");
    await rm(output, { recursive: true });
    await write("one");
    await writeFile(join(output, "images/mine.txt"), "");
    await expect(write("two")).rejects.toThrow(
      "files in it that are not the site's, and it is replaced as a whole: images/mine.txt",
    );
    expect(await read("images/a.html")).toBe("one");
    await rm(output, { recursive: true });
    await mkdir(join(folder, "elsewhere"));
    await symlink("elsewhere", output);
    await expect(write("one")).rejects.toThrow("exists and is not a folder");
  });

  it("takes what came meanwhile for what it is: not ours", async () => {
    const writing = replaceSite(output, async ({ save }) => {
      await save("a.html", "");
      await mkdir(output);
      await writeFile(join(output, "thesis.txt"), "");
    });
    await expect(writing).rejects.toThrow("is not empty");
    expect(await readdir(output)).toEqual(["thesis.txt"]);
  });

  it("lets no path lead out of it", async () => {
    await expect(write("one", "../out.html")).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});
