import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type UnpackLimits, unpackLayout, withExport } from "../../../scripts/transfer/read.ts";
import { noSmallDisk, smallDisk } from "../../support/small-disk.ts";
import { type Tree, tarOf, temporaryDirectory } from "../formats/oci/sample-image.ts";

const BLOB = `blobs/sha256/${"a".repeat(64)}`;
const LAYOUT: Tree = { "oci-layout": "{}", "index.json": "{}", [BLOB]: "content" };

async function unpack(tar: Buffer, limits?: UnpackLimits) {
  const directory = await temporaryDirectory();
  const archive = join(directory, "x.tar");
  await writeFile(archive, tar);
  const into = join(directory, "into");
  const unpacked = unpackLayout(archive, into, new AbortController().signal, limits);
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
      /x\.tar holds ".*" \(\w+\), which does not belong in an OCI image layout/,
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

  it.each<[string, Tree]>([
    ["a device", { [BLOB]: { device: true } }],
    ["a name in upper case, which some disks take for another", { "INDEX.JSON": "{}" }],
    ["a digest in upper case", { [BLOB.toUpperCase().replace("BLOBS/SHA", "blobs/sha")]: "x" }],
    ["a name with an end of line", { "index.json\n": "{}" }],
    ["a name that is a directory's", { "index.json/": "{}" }],
    ["a blob below a blob", { [`${BLOB}/x`]: "x" }],
  ])("refuses %s", async (_, tree) => {
    const { unpacked } = await unpack(await tarOf({ "oci-layout": "{}", ...tree }));
    await expect(unpacked).rejects.toThrow(
      /x\.tar holds ".*" \(.*\), which does not belong in an OCI image layout/,
    );
  });

  it("refuses a file that comes twice: who looked at the first would use the second", async () => {
    const twice = Buffer.concat([await tarOf({ "index.json": "{}" }), await tarOf({ "./index.json": "[]" })]);
    const { unpacked, into } = await unpack(twice);
    await expect(unpacked).rejects.toThrow("x.tar holds index.json twice: nothing was sent");
    expect(await readFile(join(into, "index.json"), "utf8")).toBe("{}");
  });

  it("refuses more than it expects, by what the header says", async () => {
    const limits = { entries: 3, bytes: { "index.json": 5 } };
    const large = await unpack(await tarOf({ "index.json": "123456" }), limits);
    await expect(large.unpacked).rejects.toThrow("holds index.json of 6 bytes, and at most 5 are expected");
    const many = await unpack(await tarOf({ "./": { directory: true }, ...LAYOUT }), limits);
    await expect(many.unpacked).rejects.toThrow("holds more than 3 entries");
    await (await unpack(await tarOf(LAYOUT), limits)).unpacked;
  });

  it("says that an archive cannot be read, where it is no fault of the archive", async () => {
    const directory = await temporaryDirectory();
    const unpacked = unpackLayout(directory, join(directory, "into"), new AbortController().signal);
    await expect(unpacked).rejects.toThrow(/^there is a directory where a file is needed: cannot read /);
  });

  it.skipIf(noSmallDisk)(
    `says that the disk is full, and blames no archive${noSmallDisk ?? ""}`,
    async () => {
      const archive = join(await temporaryDirectory(), "x.tar");
      await writeFile(archive, await tarOf({ ...LAYOUT, [BLOB]: "x".repeat(500_000) }));
      const into = join(smallDisk("256k"), "into");
      const full = unpackLayout(archive, into, new AbortController().signal);
      await expect(full).rejects.toThrow(`the disk is full: cannot write ${join(into, BLOB)}`);
      await expect(full).rejects.toMatchObject({ hint: expect.stringContaining("make room") });
    },
  );

  it.skipIf(noSmallDisk)(
    `says so of importing too, and leaves nothing there${noSmallDisk ?? ""}`,
    async () => {
      const archive = join(await temporaryDirectory(), "x.tar");
      await writeFile(archive, await tarOf({ ...LAYOUT, [BLOB]: "x".repeat(500_000) }));
      const scratch = join(smallDisk("256k"), "scratch");
      const full = withExport(archive, scratch, new AbortController().signal, async () => {});
      await expect(full).rejects.toThrow("the disk is full");
      await expect(full).rejects.not.toThrow("copy it again");
      expect(await readdir(scratch)).toEqual([]);
    },
  );
});
