import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unpackLayout } from "../../../scripts/airgap/unpack.ts";
import { type Tree, tarOf, temporaryDirectory } from "../oci/sample-image.ts";

const BLOB = `blobs/sha256/${"a".repeat(64)}`;
const LAYOUT: Tree = { "oci-layout": "{}", "index.json": "{}", [BLOB]: "content" };

async function unpack(tar: Buffer) {
  const directory = await temporaryDirectory();
  const archive = join(directory, "x.tar");
  await writeFile(archive, tar);
  const into = join(directory, "into");
  const unpacked = unpackLayout(archive, into, new AbortController().signal);
  const files = () => readdir(directory, { recursive: true });
  return { unpacked, into, files };
}

describe("unpacking an archive", () => {
  it("gives a layout, also where names begin with ./ and directories are entries", async () => {
    const dotted = Object.fromEntries(Object.entries(LAYOUT).map(([name, what]) => [`./${name}`, what]));
    const { unpacked, into } = await unpack(
      await tarOf({ "./": { directory: true }, "blobs/": { directory: true }, ...dotted }),
    );
    await unpacked;
    expect(await readFile(join(into, BLOB), "utf8")).toBe("content");
  });

  it.each<[string, Tree]>([
    ["a path that leads out", { "../out": "x" }],
    ["one that leads out from inside", { "blobs/sha256/../../../out": "x" }],
    ["an absolute path", { "/tmp/birdhouse-out": "x" }],
    ["a link in a blob's place", { [BLOB]: { symlink: "/etc/hostname" } }],
    ["a hard link", { "index.json": { hardlink: "/etc/hostname" } }],
    ["a link in a directory's place", { blobs: { symlink: "/tmp" } }],
    ["anything else", { "manifest.json": "[]" }],
  ])("refuses %s, and writes nothing outside", async (_, tree) => {
    const { unpacked, files } = await unpack(await tarOf({ "oci-layout": "{}", ...tree }));
    await expect(unpacked).rejects.toThrow(
      /x\.tar holds ".*" \(\w+\), which has no place in an OCI image layout/,
    );
    expect((await files()).filter((name) => name.includes("out") && !name.includes("layout"))).toEqual([]);
  });

  it.each([
    ["cut off in a file", 0.4],
    ["cut off in a header", 0.1],
  ])("says that an archive is %s", async (_, part) => {
    const tar = await tarOf(LAYOUT);
    const { unpacked } = await unpack(tar.subarray(0, Math.floor(tar.length * part)));
    await expect(unpacked).rejects.toThrow(/x\.tar: it cannot be read as a tar archive/);
  });

  it("says that something is no archive", async () => {
    const { unpacked } = await unpack(Buffer.alloc(2048, "no tar"));
    await expect(unpacked).rejects.toThrow(/x\.tar: it cannot be read as a tar archive/);
  });
});
