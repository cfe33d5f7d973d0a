import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FilesystemReader, readLayer } from "../../../../scripts/formats/oci/filesystem.ts";
import { compressedSize, MEDIA_TYPE } from "../../../../scripts/formats/oci/types.ts";
import { tar } from "../../../support/tiny-tar.ts";
import { putImage, type Tree, tarOf, temporaryDirectory, temporaryLayout } from "./sample-image.ts";

/** Lays the trees over each other and reads some of the paths. */
async function look(layers: readonly Tree[], paths: readonly string[]) {
  const layout = await temporaryLayout();
  const manifest = await layout.readManifest(await putImage(layout, layers));
  const { contents, sizes } = await new FilesystemReader(paths).read(layout, manifest);
  return {
    files: Object.fromEntries([...contents].map(([path, content]) => [path, content.toString()])),
    size: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}

describe("FilesystemReader", () => {
  it("tells of ELF files which machine they are for, and nothing of others", async () => {
    const layout = await temporaryLayout();
    const elf = `\x7fELF\x02\x01\x01${"\0".repeat(9)}\x03\0\x3e\0`;
    const tree = {
      "usr/bin/node": `${elf} and more`,
      "bin/cut-off": elf.slice(0, 19),
      "bin/script": "#!/bin/sh\n",
    };
    const manifest = await layout.readManifest(await putImage(layout, [tree]));
    const { machines } = await new FilesystemReader([]).read(layout, manifest);
    expect(Object.fromEntries(machines)).toEqual({ "usr/bin/node": 62 });
  });

  it("holds no file in memory that is larger than any database of packages", async () => {
    const header = Buffer.from(tar({ "lib/apk/db/installed": "" }));
    header.write(`${(65 * 1024 * 1024).toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const file = join(await temporaryDirectory(), "layer");
    await writeFile(file, Buffer.concat([header, Buffer.alloc(1024)]));
    await expect(readLayer(file, MEDIA_TYPE.layerTar, new Set(["lib/apk/db/installed"]))).rejects.toThrow(
      "lib/apk/db/installed in it has 68157440 bytes, expected at most 67108864",
    );
  });

  it("shows the last layer's file, however its path is written", async () => {
    const layers = [{ "./etc/a": "one", "/etc/b": "bee" }, { "etc/a": "second" }];
    expect(await look(layers, ["/etc/a", "etc/b", "etc/missing"])).toEqual({
      files: { "etc/a": "second", "etc/b": "bee" },
      size: 9,
    });
  });

  it("hides what a whiteout removes, with all below it, and only in the layers below", async () => {
    const layers = [
      { "etc/apk/": { directory: true }, "etc/apk/world": "w", "etc/apk/keys/k": "k", "etc/apkx": "x" },
      { "etc/.wh.apk": "", "etc/apk/new": "nn" },
    ] satisfies Tree[];
    const paths = ["etc/apk/world", "etc/apk/keys/k", "etc/apk/new", "etc/apkx"];
    expect(await look(layers, paths)).toEqual({ files: { "etc/apk/new": "nn", "etc/apkx": "x" }, size: 3 });
  });

  it("empties an opaque directory of what is below, wherever in the tar that is said", async () => {
    const layers = [
      { "d/old": "old", "d/e/old": "old", f: "f" },
      { "d/new": "new", "d/.wh..wh..opq": "" },
    ];
    expect(await look(layers, ["d/old", "d/e/old", "d/new", "f"])).toEqual({
      files: { "d/new": "new", f: "f" },
      size: 4,
    });
    expect((await look([{ a: "a" }, { ".wh..wh..opq": "", b: "bb" }], ["a", "b"])).files).toEqual({
      b: "bb",
    });
  });

  it("lets a later layer bring back what a whiteout removed", async () => {
    const layers = [{ "d/a": "1" }, { ".wh.d": "" }, { "d/a": "333" }];
    expect(await look(layers, ["d/a"])).toEqual({ files: { "d/a": "333" }, size: 3 });
  });

  it("replaces a directory by a link with all below it, and a link by a file", async () => {
    const layers = [
      { "lib/a": "aaaa", sh: { symlink: "bin/busybox" } },
      { lib: { symlink: "usr/lib" }, sh: "real" },
    ] satisfies Tree[];
    expect(await look(layers, ["lib/a", "lib", "sh"])).toEqual({ files: { sh: "real" }, size: 4 });
  });

  it("counts a file with two names once, and finds its content by either", async () => {
    const layers = [{ "bin/a": "12345", "bin/b": { hardlink: "./bin/a" } }] satisfies Tree[];
    expect(await look(layers, ["bin/a", "bin/b"])).toEqual({
      files: { "bin/a": "12345", "bin/b": "12345" },
      size: 5,
    });
  });

  it("tells what is more than a plain file, also in a layer whose files an upper one hides", async () => {
    const layout = await temporaryLayout();
    const layers = [
      { "dev/null": { device: true }, "bin/su": { mode: 0o4755 }, "bin/wall": { mode: 0o2755 } },
      { "bin/both": { mode: 0o6755 }, "var/mail": { directory: true, mode: 0o2775 }, "bin/su": "plain" },
      { ".wh.bin": "", "bin/sh": { mode: 0o755 }, "bin/link": { symlink: "sh" } },
    ] satisfies Tree[];
    const manifest = await layout.readManifest(await putImage(layout, layers));
    const { special, has } = await new FilesystemReader([]).read(layout, manifest);
    expect(Object.fromEntries(special)).toEqual({
      "dev/null": "device",
      "bin/su": "setuid",
      "bin/wall": "setgid",
      "bin/both": "setuid",
    });
    expect(["bin/wall", "var/mail", "bin/link", "bin", "bin/ls"].map((path) => has(path))).toEqual([
      ...[true, true, true, false, false],
    ]);
  });

  it("reads a layer once for all images that share it", async () => {
    const layout = await temporaryLayout();
    const shared = { "lib/apk/db/installed": "P:musl" };
    const one = await layout.readManifest(await putImage(layout, [shared]));
    const other = await layout.readManifest(await putImage(layout, [shared, { b: "b" }]));
    const reader = new FilesystemReader(["lib/apk/db/installed"]);
    await reader.read(layout, one);
    const [layer] = one.layers;
    if (!layer) throw new Error("the sample has no layers");
    await rm(layout.blobPath(layer.digest));
    const { contents, sizes } = await reader.read(layout, other);
    expect(Object.fromEntries(sizes)).toEqual({ "lib/apk/db/installed": 6, b: 1 });
    expect(contents.get("lib/apk/db/installed")?.toString()).toBe("P:musl");
  });

  it("adds up the layers as they travel", async () => {
    const layout = await temporaryLayout();
    const manifest = await layout.readManifest(await putImage(layout, [{ a: "a" }, { b: "b" }]));
    const [first, second] = manifest.layers;
    expect(compressedSize(manifest)).toBe((first?.size ?? 0) + (second?.size ?? 0));
  });
});

describe("readLayer", () => {
  it("reads plain tars, and refuses what is cut short or packed differently", async () => {
    const file = join(await temporaryDirectory(), "layer");
    const tar = await tarOf({ a: "x".repeat(5000) });
    await writeFile(file, tar);
    const layer = await readLayer(file, MEDIA_TYPE.layerTar, new Set());
    expect(layer.entries.get("a")).toEqual({ type: "file", size: 5000 });
    const other = "application/vnd.oci.image.layer.v1.tar+lzma";
    await expect(readLayer(file, other, new Set())).rejects.toThrow(/tar\+lzma cannot be read/);
    await expect(readLayer(file, MEDIA_TYPE.layerTarGzip, new Set())).rejects.toThrow(
      /incorrect header check/,
    );
    await writeFile(file, tar.subarray(0, 2000));
    await expect(readLayer(file, MEDIA_TYPE.layerTar, new Set())).rejects.toThrow(/end of data/i);
    await writeFile(file, gzipSync(tar).subarray(0, 60));
    await expect(readLayer(file, MEDIA_TYPE.layerTarGzip, new Set())).rejects.toThrow(/end of file/i);
  });
});
