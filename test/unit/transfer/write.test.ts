import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTar } from "../../../scripts/formats/alpine/tar.ts";
import { openSink } from "../../../scripts/transfer/write.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

async function fill(to: string) {
  const sink = await openSink(to, 13);
  const path = join(sink.work, "blob");
  await writeFile(path, "from a file");
  await sink.add("oci-layout", Buffer.from("{}"));
  await sink.add("blobs/sha256/abc", { path, size: 11 });
  return sink;
}

describe("what an export is written to", () => {
  it("is an archive: the same bytes each time, and no times in it", async () => {
    const directory = await temporaryDirectory();
    for (const name of ["a.tar", "b.tar"]) await (await fill(join(directory, name))).finish();
    const bytes = await readFile(join(directory, "a.tar"));
    expect(await readFile(join(directory, "b.tar"))).toEqual(bytes);
    const entries = [...readTar(bytes)].map(({ path, mtime, content }) => [path, mtime, content.toString()]);
    expect(entries).toEqual([
      ["oci-layout", 0, "{}"],
      ["blobs/sha256/abc", 0, "from a file"],
    ]);
    expect((await readdir(directory)).toSorted()).toEqual(["a.tar", "b.tar"]);
  });

  it("is a directory, an empty one that is there too", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "out"));
    await (await fill(join(directory, "out/"))).finish();
    expect(await readFile(join(directory, "out/blobs/sha256/abc"), "utf8")).toBe("from a file");
    expect(await readdir(directory)).toEqual(["out"]);
  });

  it.each(["a.tar", "out"])("has its name only once it is whole (%s)", async (name) => {
    const directory = await temporaryDirectory();
    const sink = await fill(join(directory, name));
    expect(await readdir(directory)).toEqual([`${name}.partial`]);
    await sink.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  it("is cleared of what a killed run left there", async () => {
    const directory = await temporaryDirectory();
    await fill(join(directory, "out"));
    await (await fill(join(directory, "out"))).finish();
    expect(await readdir(directory)).toEqual(["out"]);
  });

  it.each(["out", "out.tar"])("leaves what somebody else has in %s.partial, and says so", async (name) => {
    const directory = await temporaryDirectory();
    const partial = join(directory, `${name}.partial`);
    await mkdir(partial);
    await writeFile(join(partial, "thesis.odt"), "years of work");
    await expect(openSink(join(directory, name), 1)).rejects.toThrow(
      `${partial} exists, and is not an unfinished export`,
    );
    expect(await readdir(partial)).toEqual(["thesis.odt"]);
    const file = join(directory, `b.${name}.partial`);
    await writeFile(file, "mine");
    await expect(openSink(join(directory, `b.${name}`), 1)).rejects.toThrow(`${file} exists`);
    expect(await readFile(file, "utf8")).toBe("mine");
  });

  it("is not, as a directory, where a file is: that is said before anything is fetched", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "out"), "mine");
    await expect(openSink(join(directory, "out"), 1)).rejects.toThrow(
      "already exists and is not a directory",
    );
    expect(await readdir(directory)).toEqual(["out"]);
  });

  it("is not a directory that holds something, nor an archive of a directory's name", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "x.tar"));
    await expect(openSink(directory, 1)).rejects.toThrow("is not empty");
    await expect(openSink(join(directory, "x.tar"), 1)).rejects.toThrow("it is a directory");
  });

  it("is not begun where the disk has no room for it", async () => {
    const directory = await temporaryDirectory();
    const opened = openSink(join(directory, "a.tar"), Number.MAX_SAFE_INTEGER);
    await expect(opened).rejects.toThrow(/a\.tar: the disk has .* free, and 9\.01 PB are to be written/);
    expect(await readdir(directory)).toEqual([]);
  });

  it("fails what is added when its disk does", async () => {
    const directory = await temporaryDirectory();
    const sink = await openSink(join(directory, "a.tar"), 4);
    await expect(sink.add("x", { path: join(directory, "missing"), size: 4 })).rejects.toThrow("ENOENT");
    await sink.abandon();
    expect(await readdir(directory)).toEqual([]);
  });
});
