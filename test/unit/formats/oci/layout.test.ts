import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assembleIndex } from "../../../../scripts/formats/oci/assemble.ts";
import { OciLayout } from "../../../../scripts/formats/oci/layout.ts";
import { MEDIA_TYPE, REF_NAME } from "../../../../scripts/formats/oci/types.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import { noSmallDisk, smallDisk } from "../../../support/small-disk.ts";
import { putImage, temporaryDirectory, temporaryLayout } from "./sample-image.ts";

describe("OciLayout", () => {
  it("makes what the image specification asks for, and opens it again as it was", async () => {
    const layout = await temporaryLayout();
    const blob = await layout.putBytes(Buffer.from("hello"), "text/plain");
    await layout.writeIndex([blob]);
    expect(await readFile(join(layout.directory, "oci-layout"), "utf8")).toBe(
      '{"imageLayoutVersion":"1.0.0"}',
    );
    const again = await OciLayout.create(layout.directory);
    expect((await again.readIndex()).manifests).toEqual([blob]);
    expect(await readFile(again.blobPath(blob.digest), "utf8")).toBe("hello");
  });

  it.skipIf(noSmallDisk)(`says that its disk is full, and keeps no part${noSmallDisk ?? ""}`, async () => {
    const layout = await OciLayout.create(join(smallDisk("256k"), "layout"));
    const bytes = Buffer.alloc(300_000, "x");
    const blobs = join(layout.directory, "blobs/sha256");
    await expect(layout.putBytes(bytes, "text/plain")).rejects.toThrow(
      /^the disk is full: cannot write .*sha256/,
    );
    const other = await temporaryLayout();
    const blob = await other.putBytes(bytes, "text/plain");
    await expect(layout.importFrom(other, blob)).rejects.toThrow(/^the disk is full: cannot write .*sha256/);
    expect(await readdir(blobs)).toEqual([]);
    expect((await layout.readIndex()).manifests).toEqual([]);
  });

  it("refuses a directory that holds no layout", async () => {
    const directory = await temporaryDirectory();
    await expect(OciLayout.open(directory)).rejects.toThrow(UserError);
    await expect(OciLayout.open(directory)).rejects.toThrow(/not an OCI image layout/);
  });

  it.each(["sha256:../../etc/passwd", `sha256:${"A".repeat(64)}`, "sha512:00", ""])(
    "makes no path of %j",
    async (digest) => {
      const layout = await temporaryLayout();
      expect(() => layout.blobPath(digest)).toThrow(/not a sha256 digest/);
    },
  );

  it("finds damage in a blob", async () => {
    const layout = await temporaryLayout();
    const blob = await layout.putBytes(Buffer.from("hello"), "text/plain");
    await writeFile(layout.blobPath(blob.digest), "jello");
    await expect(layout.readBlob(blob)).rejects.toThrow(/damaged: expected sha256:2cf24d/);
    await expect(layout.readBlob({ ...blob, size: 4 })).rejects.toThrow(/damaged/);
  });

  it("names the file and the field of a document that is not as expected", async () => {
    const layout = await temporaryLayout();
    const blob = await layout.putJson({ schemaVersion: 2, layers: "none" }, MEDIA_TYPE.manifest);
    await expect(layout.readManifest(blob)).rejects.toThrow(
      /blobs\/sha256\/[0-9a-f]{64} is not as expected:.*layers/s,
    );
  });

  it("gives equal values equal digests, whatever the order of their keys", async () => {
    const layout = await temporaryLayout();
    const one = await layout.putJson({ a: 1, b: { c: [3, 1], d: undefined } }, "x");
    const other = await layout.putJson({ b: { c: [3, 1] }, a: 1 }, "x");
    expect(other).toEqual(one);
    expect((await layout.readBlob(one)).toString()).toBe('{"a":1,"b":{"c":[3,1]}}');
  });

  it("writes the same index.json for the same roots in any order", async () => {
    const layout = await temporaryLayout();
    const named = async (name: string) => ({
      ...(await layout.putBytes(Buffer.from(name), "x")),
      annotations: { [REF_NAME]: name },
    });
    const roots = [await named("b"), await named("a"), await named("a-b")];
    await layout.writeIndex(roots);
    const first = await readFile(join(layout.directory, "index.json"), "utf8");
    await layout.writeIndex(roots.toReversed());
    expect(await readFile(join(layout.directory, "index.json"), "utf8")).toBe(first);
    const names = (await layout.readIndex()).manifests.map((root) => root.annotations?.[REF_NAME]);
    expect(names).toEqual(["a", "a-b", "b"]);
    await expect(layout.root()).rejects.toThrow(/3 images, expected one/);
  });
});

describe("closure", () => {
  it("lists every manifest after its children and every blob once", async () => {
    const layout = await temporaryLayout();
    const shared = { "etc/os-release": "sample" };
    const amd64 = await putImage(layout, [shared, { a: "a" }], "linux/amd64");
    const arm64 = await putImage(layout, [shared, { b: "b" }], "linux/arm64");
    const entries = [
      { platform: "linux/amd64", manifest: amd64 },
      { platform: "linux/arm64", manifest: arm64 },
    ] as const;
    const index = await assembleIndex(layout, entries, {}, "sample:1");
    const { manifests, blobs } = await layout.closure(index);
    expect(manifests.map(({ digest }) => digest)).toEqual([amd64.digest, arm64.digest, index.digest]);
    expect(new Set(blobs.map(({ digest }) => digest)).size).toBe(blobs.length);
    expect(blobs).toHaveLength(5);
  });

  it("is imported whole into another layout, and repairs a damaged blob there", async () => {
    const from = await temporaryLayout();
    const to = await temporaryLayout();
    const image = await putImage(from, [{ a: "a" }]);
    const { blobs } = await from.closure(image);
    const [first] = blobs;
    if (!first) throw new Error("the sample has no blobs");
    await writeFile(to.blobPath(first.digest), "half");
    await to.importFrom(from, image);
    expect((await to.closure(image)).blobs).toEqual(blobs);
    await rm(from.directory, { recursive: true });
    for (const blob of [image, ...blobs]) expect(await to.readBlob(blob)).toHaveLength(blob.size);
    const paths = await Promise.all(blobs.map((blob) => stat(to.blobPath(blob.digest))));
    expect(paths.every((path) => path.isFile())).toBe(true);
  });
});
