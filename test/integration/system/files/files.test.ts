import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../../../scripts/system/errors.ts";
import { FileError } from "../../../../scripts/system/files/errors.ts";
import * as door from "../../../../scripts/system/files/files.ts";
import { writePlainModule } from "../../../support/plain-module.ts";
import { noSmallDisk, smallDisk } from "../../../support/small-disk.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

describe("a file that is written whole", () => {
  it.each([false, true])("makes its folders, and replaces; durable: %s", async (durable) => {
    const file = join(await temporaryDirectory(), "a/b/c.txt");
    await door.writeWhole(file, "one", { durable });
    await door.writeWhole(file, Buffer.from("two"), { durable });
    expect(await readFile(file, "utf8")).toBe("two");
    expect(await readdir(join(file, ".."))).toEqual(["c.txt"]);
  });

  it("keeps the permissions of what it replaces, and takes those that it is told", async () => {
    const file = join(await temporaryDirectory(), "run.sh");
    await door.writeWhole(file, "one", { mode: 0o700 });
    await door.writeWhole(file, "two");
    expect((await stat(file)).mode & 0o777).toBe(0o700);
    await door.writeWhole(file, "three", { mode: 0o600 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("never shows a part: a reader meanwhile finds the old text or the new one", async () => {
    const file = join(await temporaryDirectory(), "file");
    const texts = ["a", "b"].map((letter) => letter.repeat(4_000_000));
    await door.writeWhole(file, texts[0] ?? "");
    let isDone = false;
    const seen = new Set<string>();
    const reading = (async () => {
      while (!isDone) seen.add(await readFile(file, "utf8"));
    })();
    for (let round = 0; round < 10; round++) await door.writeWhole(file, texts[round % 2] ?? "");
    isDone = true;
    await reading;
    expect([...seen].every((text) => texts.includes(text))).toBe(true);
  });

  it("is one of many, written at once by a process that may open 256 files", async () => {
    const directory = await temporaryDirectory();
    await writePlainModule("scripts/system/files/files.ts", join(directory, "door.mjs"));
    const jobs =
      "Array.from({ length: 600 }, (_, at) => writeWhole('out/' + (at % 20) + '/' + at, 'x'.repeat(at)))";
    await writeFile(
      join(directory, "write.mjs"),
      `import { writeWhole } from "./door.mjs";\nawait Promise.all(${jobs});\n`,
    );
    execFileSync("sh", ["-c", `ulimit -n 256 && exec '${process.execPath}' write.mjs`], { cwd: directory });
    const files = await readdir(join(directory, "out"), { recursive: true });
    expect(files).toHaveLength(620);
  });
});

describe("symbolic links", () => {
  it.each([
    ["to a file", "elsewhere"],
    ["that dangle", "nowhere"],
    ["that loop", "link"],
  ])("%s are not written through", async (_, aim) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "elsewhere"), "precious");
    await symlink(aim, join(directory, "link"));
    const written = door.writeWhole(join(directory, "link"), "mine");
    await expect(written).rejects.toThrow(`${directory}/link is a symbolic link, which is not followed`);
    await expect(written).rejects.toThrow(UserError);
    expect(await readFile(join(directory, "elsewhere"), "utf8")).toBe("precious");
    expect((await readdir(directory)).sort()).toEqual(["elsewhere", "link"]);
  });

  it("among the folders below a root are not followed, and the root itself may be one", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "root"));
    await mkdir(join(directory, "elsewhere"));
    await symlink("root", join(directory, "way"));
    const below = join(directory, "way");
    await door.writeWhole(join(below, "a/file"), "mine", { below });
    await symlink("../elsewhere", join(below, "b"));
    const refused = door.writeWhole(join(below, "b/c/file"), "mine", { below });
    await expect(refused).rejects.toThrow(`${below}/b is a symbolic link`);
    expect(await readdir(join(directory, "elsewhere"))).toEqual([]);
  });

  it("that the user named are, and stay", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "real"), "one");
    await symlink("real", join(directory, "link"));
    await door.writeWhole(join(directory, "link"), "two", { follow: true });
    expect(await readFile(join(directory, "real"), "utf8")).toBe("two");
    expect(await readlink(join(directory, "link"))).toBe("real");
  });

  it.skipIf(noSmallDisk)(`may be mounts of their own, as in containers${noSmallDisk ?? ""}`, async () => {
    const directory = await temporaryDirectory();
    for (const name of ["real", "mounted"]) await writeFile(join(directory, name), "one");
    execFileSync("mount", ["--bind", join(directory, "real"), join(directory, "mounted")]);
    onTestFinished(() => void execFileSync("umount", [join(directory, "mounted")]));
    await door.writeWhole(join(directory, "mounted"), "two", { follow: true });
    expect(await readFile(join(directory, "real"), "utf8")).toBe("two");
    const refused = await errorOf(door.writeWhole(join(directory, "mounted"), "three"));
    expect(refused.message).toBe(`it is in use: cannot write ${join(directory, "mounted")}`);
    expect((await readdir(directory)).sort()).toEqual(["mounted", "real"]);
  });

  it("in a tree that is removed are removed, and not what they point at", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "precious"));
    await writeFile(join(directory, "precious/file"), "");
    await mkdir(join(directory, "tree"));
    await symlink("../precious", join(directory, "tree/link"));
    await door.removeTree(join(directory, "tree"));
    expect(await readdir(join(directory, "precious"))).toEqual(["file"]);
  });
});

/** What a verb throws. */
async function errorOf(work: Promise<unknown>): Promise<FileError> {
  const error = await work.catch((one: unknown) => one);
  expect(error).toBeInstanceOf(FileError);
  return error as FileError;
}

describe("an error", () => {
  it("is told in words, cause first, with the path, and can be told by its code", async () => {
    const directory = await temporaryDirectory();
    const folder = join(directory, "folder");
    await mkdir(join(folder, "full"), { recursive: true });
    const isFolder = await errorOf(door.writeWhole(folder, "text"));
    expect(isFolder.message).toBe(`there is a directory where a file is needed: cannot write ${folder}`);
    expect(isFolder).toMatchObject({ code: "EISDIR", path: folder });
    await writeFile(join(directory, "file"), "");
    const isFile = await errorOf(door.writeWhole(join(directory, "file/below"), "text"));
    expect(isFile.message).toContain("there is a file where a directory is needed");
    const long = join(directory, "x".repeat(300));
    expect((await errorOf(door.writeWhole(long, ""))).message).toBe(
      `the name is too long: cannot write ${long}`,
    );
    const lost = join(directory, "no/such");
    expect((await errorOf(door.moveInto(lost, folder))).code).toBe("ENOENT");
    expect((await readdir(directory)).sort()).toEqual(["file", "folder"]);
  });

  it("of a source is not taken for one of the disk", async () => {
    const directory = await temporaryDirectory();
    const source = Readable.from(
      (async function* () {
        yield Buffer.from("part");
        throw new Error("the source broke off");
      })(),
    );
    await expect(door.writeStream(source, join(directory, "file"))).rejects.toThrow(/^the source broke off$/);
    expect(await readdir(directory)).toEqual([]);
  });

  it.skipIf(noSmallDisk)(`tells a full disk, and leaves the old file${noSmallDisk ?? ""}`, async () => {
    const disk = smallDisk("256k");
    const file = join(disk, "file");
    await door.writeWhole(file, "old");
    for (const durable of [false, true]) {
      const full = await errorOf(door.writeWhole(file, "x".repeat(300_000), { durable }));
      expect(full.message).toBe(`the disk is full: cannot write ${file}`);
      expect(full.hint).toContain("make room");
    }
    const stream = await errorOf(door.writeStream(Readable.from([Buffer.alloc(300_000)]), file));
    expect(stream.message).toMatch(/^the disk is full: cannot write .*file/);
    const raw = pipeline(Readable.from([Buffer.alloc(300_000)]), door.writableAt(join(disk, "raw")));
    expect((await errorOf(raw)).code).toBe("ENOSPC");
    await door.removeFile(join(disk, "raw"));
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(disk)).toEqual(["file"]);
  });

  it.skipIf(noSmallDisk)(`tells a disk that takes no writing${noSmallDisk ?? ""}`, async () => {
    const disk = smallDisk("256k", "ro");
    const error = await errorOf(door.writeWhole(join(disk, "file"), "text"));
    expect(error.message).toBe(`the disk is read-only: cannot write ${join(disk, "file")}`);
  });

  it.skipIf(process.getuid?.() === 0)("tells what may not be written (root may all)", async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o500);
    const error = await errorOf(door.writeWhole(join(directory, "file"), "text"));
    expect(error.message).toContain("permission denied: cannot write");
  });
});

describe("the other verbs", () => {
  it("copy, link, move and remove", async () => {
    const directory = await temporaryDirectory();
    const at = (name: string) => join(directory, name);
    await door.writeWhole(at("one"), "text");
    await door.copyWhole(at("one"), at("two"));
    await door.linkOrCopy(at("one"), at("three"));
    await door.linkOrCopy(at("two"), at("three"));
    await door.moveInto(at("two"), at("one"));
    door.append(at("one"), " and more");
    expect(await readFile(at("one"), "utf8")).toBe("text and more");
    const scratch = await door.makeScratch(at("scratch"), "run-");
    expect(await door.removeEmptyFolder(at("scratch"))).toBe(false);
    expect(await door.removeEmptyFolder(scratch)).toBe(true);
    await door.makeLink("one", at("link"));
    await door.removeFile(at("link"));
    await door.removeFile(at("link"));
    await door.setMode(at("one"), 0o640);
    expect(lstatSync(at("one")).mode & 0o777).toBe(0o640);
    await door.writeStream(Readable.from([Buffer.from("a"), Buffer.from("b")]), at("stream"));
    await pipeline(Readable.from([Buffer.from("c")]), door.writableAt(at("flushed"), { flush: true }));
    expect(await readFile(at("flushed"), "utf8")).toBe("c");
    await door.removeFile(at("flushed"));
    expect(await readFile(at("stream"), "utf8")).toBe("ab");
    expect((await readdir(directory)).sort()).toEqual(["one", "scratch", "stream", "three"]);
  });
});
