import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CompressedLayers, startOf } from "../../../scripts/engine/buildah.ts";
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
  const make = async (name: string, contents: readonly string[], through: CompressedLayers) => {
    const path = join(directory, name);
    const leftOut = await through.layOut(path);
    const compressed = await exportImage(path, contents);
    await through.complete(path, leftOut);
    return { path, compressed, layout: await OciLayout.open(path) };
  };
  const layersIn = (name: string) => new CompressedLayers(join(directory, name));
  return { make, layersIn, directory };
}

describe("CompressedLayers", () => {
  it("has what images share compressed once, and each comes out as if it had been alone", async () => {
    const { make, layersIn } = await setUp();
    const shared = layersIn("kept");
    const stage = await make("stage", ["base", "tools"], shared);
    await shared.keep(stage.path);
    const image = await make("image", ["base", "tools", "lua"], shared);
    expect([stage.compressed, image.compressed]).toEqual([["base", "tools"], ["lua"]]);
    const expected = await make("alone", ["base", "tools", "lua"], layersIn("of its own"));
    expect(await image.layout.root()).toEqual(await expected.layout.root());
    const { layers } = await image.layout.readManifest(await image.layout.root());
    const contents = await Promise.all(layers.map((layer) => readFile(image.layout.blobPath(layer.digest))));
    expect(contents).toEqual(["base", "tools", "lua"].map((content) => gzipSync(content)));
    expect(await readdir(join(image.path, "blobs/sha256"))).not.toContain(
      hexOf(digestOf(Buffer.from("base"))),
    );
  });

  it("keeps the layers, whatever becomes of the image that they were taken from", async () => {
    const { make, layersIn } = await setUp();
    const shared = layersIn("kept");
    const stage = await make("stage", ["base", "tools"], shared);
    await shared.keep(stage.path);
    await rm(stage.path, { recursive: true });
    const image = await make("image", ["base"], shared);
    const [layer] = (await image.layout.readManifest(await image.layout.root())).layers;
    expect(layer && (await image.layout.readBlob(layer))).toEqual(gzipSync("base"));
  });

  it("has nothing of images that nobody asked it to keep", async () => {
    const { make, layersIn } = await setUp();
    const shared = layersIn("kept");
    await make("first", ["base", "node"], shared);
    expect((await make("second", ["base", "node"], shared)).compressed).toEqual(["base", "node"]);
  });

  it("leaves an image as it is that has none of the layers", async () => {
    const { make, layersIn } = await setUp();
    const shared = layersIn("kept");
    await shared.keep((await make("stage", ["base"], shared)).path);
    const other = await make("other", ["another base"], shared);
    const [layer] = (await other.layout.readManifest(await other.layout.root())).layers;
    expect(layer && (await other.layout.readBlob(layer))).toEqual(gzipSync("another base"));
  });

  it("completes an image by what it left out, whatever was kept meanwhile", async () => {
    const { make, layersIn, directory } = await setUp();
    const shared = layersIn("kept");
    const path = join(directory, "image");
    const leftOut = await shared.layOut(path);
    expect(await exportImage(path, ["base", "lua"])).toEqual(["base", "lua"]);
    await shared.keep((await make("stage", ["base"], shared)).path);
    await shared.complete(path, leftOut);
    const layout = await OciLayout.open(path);
    const { layers } = await layout.readManifest(await layout.root());
    expect(await Promise.all(layers.map((layer) => layout.readBlob(layer)))).toEqual(
      ["base", "lua"].map((content) => gzipSync(content)),
    );
  });
});

it("is started without a folder for logins in which there are none, as it would not begin", async () => {
  const DOCKER_CONFIG = await temporaryDirectory();
  expect(startOf("buildah", { DOCKER_CONFIG })).toEqual(["env", "DOCKER_CONFIG=", "buildah"]);
  expect(startOf("podman", { DOCKER_CONFIG: join(DOCKER_CONFIG, "none") })).toContain("DOCKER_CONFIG=");
  await writeFile(join(DOCKER_CONFIG, "config.json"), "{}");
  expect(startOf("buildah", { DOCKER_CONFIG })).toEqual(["buildah"]);
  for (const env of [{}, { DOCKER_CONFIG: "" }]) expect(startOf("podman", env)).toEqual(["podman"]);
});
