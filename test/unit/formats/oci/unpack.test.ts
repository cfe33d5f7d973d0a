import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readLayer } from "../../../../scripts/formats/oci/filesystem.ts";
import { MEDIA_TYPE } from "../../../../scripts/formats/oci/types.ts";
import { unpackingOf } from "../../../../scripts/formats/oci/unpack.ts";
import { zstdFrame } from "../../../support/tiny-zstd.ts";
import { tarOf, temporaryDirectory } from "./sample-image.ts";

/** Sends bytes through what unpacks them, in pieces. */
async function unpacked(mediaType: string, bytes: Buffer, piece = 1000): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  );
  const [unpack, ...more] = unpackingOf("a layer", mediaType);
  expect(more).toEqual([]);
  if (!unpack) return Buffer.concat(pieces);
  const source = Readable.from(pieces);
  source.on("error", () => undefined).pipe(unpack);
  return buffer(unpack);
}

/** More than two blocks of zstd. */
const CONTENT = Buffer.alloc(300_000, "some bytes, ");

describe("unpackingOf", () => {
  it.each([
    ["a tar", MEDIA_TYPE.layerTar, CONTENT],
    ["gzip", MEDIA_TYPE.layerTarGzip, gzipSync(CONTENT)],
    ["Docker's gzip", MEDIA_TYPE.dockerLayerGzip, gzipSync(CONTENT)],
    ["zstd", MEDIA_TYPE.layerTarZstd, zstdFrame(CONTENT)],
    ["zstd in two frames", MEDIA_TYPE.layerTarZstd, twoFrames(CONTENT)],
  ])("gives back what was packed: %s", async (_, mediaType, bytes) => {
    expect((await unpacked(mediaType, bytes)).equals(CONTENT)).toBe(true);
    expect((await unpacked(mediaType, bytes, 70_000)).equals(CONTENT)).toBe(true);
  });

  it("refuses what it does not know, and says of which file", () => {
    expect(() => unpackingOf("blobs/x", "application/x-tar+lzma")).toThrow(
      "blobs/x: layers of type application/x-tar+lzma cannot be read, only tar and tar with gzip or zstd",
    );
  });

  it("refuses what is no zstd at all", async () => {
    await expect(unpacked(MEDIA_TYPE.layerTarZstd, Buffer.from("no zstd at all"))).rejects.toThrow();
  });
});

function twoFrames(content: Buffer): Buffer {
  return Buffer.concat([zstdFrame(content.subarray(0, 9)), zstdFrame(content.subarray(9))]);
}

describe("a layer in zstd", () => {
  it("is read like any other", async () => {
    const file = join(await temporaryDirectory(), "layer");
    await writeFile(file, zstdFrame(await tarOf({ "etc/a": "one", "etc/b": "two" })));
    const { entries } = await readLayer(file, MEDIA_TYPE.layerTarZstd, new Set(["etc/a"]));
    expect([...entries.keys()]).toEqual(["etc/a", "etc/b"]);
    expect(entries.get("etc/a")).toMatchObject({ content: Buffer.from("one") });
  });

  it("ends with an error where it is cut off", async () => {
    const file = join(await temporaryDirectory(), "layer");
    const frame = zstdFrame(await tarOf({ "etc/a": "one" }));
    for (const end of [700, frame.length - 1]) {
      await writeFile(file, frame.subarray(0, end));
      await expect(readLayer(file, MEDIA_TYPE.layerTarZstd, new Set())).rejects.toThrow("unexpected EOF");
    }
  });
});
