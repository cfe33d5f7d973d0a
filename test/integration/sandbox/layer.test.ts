import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addLayer, putStream } from "../../../sandbox/base/layer.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { noSmallDisk, smallDisk } from "../../support/small-disk.ts";

let directory: string;
let layout: OciLayout;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-layer-"));
  layout = await OciLayout.create(join(directory, "layout"));
});
afterAll(() => rm(directory, { recursive: true }));

async function makeRoot(name: string): Promise<string> {
  const root = join(directory, name);
  await mkdir(join(root, "bin"), { recursive: true });
  await writeFile(join(root, "bin/busybox"), "busybox");
  await symlink("busybox", join(root, "bin/sh"));
  return root;
}

describe("addLayer", () => {
  it("makes the same layer of the same files, whenever they were made", async () => {
    const [first, second] = [await makeRoot("first"), await makeRoot("second")];
    await utimes(join(second, "bin/busybox"), 1_000_000, 1_000_000);
    expect(await addLayer(layout, second, 7)).toEqual(await addLayer(layout, first, 7));
  });

  it("names the layer by its tar, before compression", async () => {
    const { descriptor, diffId } = await addLayer(layout, await makeRoot("named"), 7);
    const tar = gunzipSync(await readFile(layout.blobPath(descriptor.digest)));
    expect(diffId).toBe(`sha256:${createHash("sha256").update(tar).digest("hex")}`);
    expect(tar.includes("./bin/busybox")).toBe(true);
  });

  it("says so when a directory cannot be packed", async () => {
    await expect(addLayer(layout, join(directory, "gone"), 7)).rejects.toThrow(/could not pack .*gone/);
  });

  it("ends when it is told to", async () => {
    const ended = AbortSignal.abort();
    await expect(addLayer(layout, await makeRoot("ended"), 7, ended)).rejects.toThrow(/abort/i);
  });
});

describe("putStream", () => {
  it("takes a blob from a stream, and leaves nothing behind when the stream breaks", async () => {
    const own = await OciLayout.create(join(directory, "own"));
    const blob = await putStream(own, Readable.from([Buffer.from("hel"), Buffer.from("lo")]), "x");
    expect(await own.readBlob(blob)).toEqual(Buffer.from("hello"));
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw new Error("no more");
      })(),
    );
    await expect(putStream(own, broken, "x")).rejects.toThrow("no more");
    expect(await readdir(join(own.directory, "blobs", "sha256"))).toHaveLength(1);
  });

  it.skipIf(noSmallDisk)(`says that its disk is full, and keeps no part${noSmallDisk ?? ""}`, async () => {
    const small = await OciLayout.create(join(smallDisk("256k"), "layout"));
    const streamed = putStream(small, Readable.from([Buffer.alloc(300_000, "x")]), "x");
    await expect(streamed).rejects.toThrow(/^the disk is full: cannot write .*sha256/);
    expect(await readdir(join(small.directory, "blobs/sha256"))).toEqual([]);
  });
});
