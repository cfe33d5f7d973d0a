import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CompressedLayers } from "../../../scripts/engine/buildah.ts";
import { digestOf, hexOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

/**
 * Exports an image as buildah does: a layer that is there as it is in the store is left alone, and named so.
 * @returns the layers that it compressed
 */
async function exportImage(directory: string, contents: readonly string[]): Promise<string[]> {
  const layout = await OciLayout.open(directory);
  const there = await readdir(join(directory, "blobs/sha256"));
  const compressed: string[] = [];
  const layers: Descriptor[] = [];
  for (const content of contents) {
    const digest = digestOf(Buffer.from(content));
    if (there.includes(hexOf(digest))) {
      layers.push({ mediaType: MEDIA_TYPE.layerTar, digest, size: 0 });
    } else {
      compressed.push(content);
      layers.push(await layout.putBytes(gzipSync(content), MEDIA_TYPE.layerTarGzip));
    }
  }
  const diff_ids = contents.map((content) => digestOf(Buffer.from(content)));
  const config = { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids } };
  const mediaType = MEDIA_TYPE.manifest;
  const manifest = {
    ...{ schemaVersion: 2, mediaType, layers },
    config: await layout.putJson(config, MEDIA_TYPE.config),
  };
  await layout.writeIndex([await layout.putJson(manifest, mediaType)]);
  return compressed;
}

async function setUp() {
  const directory = await temporaryDirectory();
  const shared = new CompressedLayers(join(directory, "kept"));
  const make = async (name: string, contents: readonly string[], key = "tools", through = shared) => {
    const path = join(directory, name);
    await through.layOut(key, path);
    const compressed = await exportImage(path, contents);
    await through.complete(key, path);
    return { path, compressed, layout: await OciLayout.open(path) };
  };
  const alone = (name: string, contents: readonly string[]) =>
    make(name, contents, "tools", new CompressedLayers(join(directory, `kept-${name}`)));
  return { make, alone };
}

describe("CompressedLayers", () => {
  it("has what images share compressed once, and each comes out as if it had been alone", async () => {
    const { make, alone } = await setUp();
    expect((await make("first", ["base", "tools", "node"])).compressed).toEqual(["base", "tools", "node"]);
    const second = await make("second", ["base", "tools", "lua"]);
    expect(second.compressed).toEqual(["lua"]);
    const expected = await alone("alone", ["base", "tools", "lua"]);
    expect(await second.layout.root()).toEqual(await expected.layout.root());
    const { layers } = await second.layout.readManifest(await second.layout.root());
    const contents = await Promise.all(layers.map((layer) => readFile(second.layout.blobPath(layer.digest))));
    expect(contents).toEqual(["base", "tools", "lua"].map((content) => gzipSync(content)));
    expect(await readdir(join(second.path, "blobs/sha256"))).not.toContain(
      hexOf(digestOf(Buffer.from("base"))),
    );
  });

  it("keeps the layers, whatever becomes of the image that they were taken from", async () => {
    const { make } = await setUp();
    const first = await make("first", ["base", "node"]);
    await rm(first.path, { recursive: true });
    const second = await make("second", ["base"]);
    const [layer] = (await second.layout.readManifest(await second.layout.root())).layers;
    expect(layer && (await second.layout.readBlob(layer))).toEqual(gzipSync("base"));
  });

  it("shares nothing between images of different branches", async () => {
    const { make } = await setUp();
    await make("first", ["base", "node"], "3.22");
    expect((await make("second", ["base", "node"], "3.21")).compressed).toEqual(["base", "node"]);
  });

  it("leaves an image as it is where nothing was left out", async () => {
    const { make } = await setUp();
    await make("first", ["base"]);
    const other = await make("other", ["another base"]);
    const [layer] = (await other.layout.readManifest(await other.layout.root())).layers;
    expect(layer && (await other.layout.readBlob(layer))).toEqual(gzipSync("another base"));
  });

  it("knows nothing to leave out where two images are exported at once, and both are whole", async () => {
    const directory = await temporaryDirectory();
    const shared = new CompressedLayers(join(directory, "kept"));
    const paths = ["first", "second"].map((name) => join(directory, name));
    for (const path of paths) await shared.layOut("tools", path);
    for (const path of paths) expect(await exportImage(path, ["base", path])).toEqual(["base", path]);
    for (const path of paths) {
      await shared.complete("tools", path);
      const layout = await OciLayout.open(path);
      const { layers } = await layout.readManifest(await layout.root());
      for (const layer of layers) await layout.readBlob(layer);
    }
  });
});
