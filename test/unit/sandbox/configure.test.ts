import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configureBaseImages } from "../../../sandbox/base/configure.ts";
import { readTar } from "../../../scripts/formats/alpine/tar.ts";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";

let directory: string;
let layout: OciLayout;
let plain: Descriptor;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-configure-"));
  layout = await OciLayout.create(directory);
  const layer = await layout.putBytes(Buffer.from("large"), MEDIA_TYPE.layerTarGzip);
  const config = await layout.putJson(
    {
      os: "linux",
      architecture: "amd64",
      config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [layer.digest] },
      history: [{ created_by: "birdhouse sandbox" }],
    },
    MEDIA_TYPE.config,
  );
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [layer] };
  const manifest = await layout.putJson(document, MEDIA_TYPE.manifest);
  plain = await assembleIndex(layout, [{ platform: "linux/amd64", manifest }], {}, "3.22");
});
afterAll(() => rm(directory, { recursive: true }));

async function configure(port: number): Promise<{ index: Descriptor; layers: readonly Descriptor[] }> {
  const url = `http://127.0.0.1:${port}`;
  const settings = { env: { GOPROXY: url }, files: { "etc/pip.conf": `index-url = ${url}\n` } };
  const { images } = await configureBaseImages({ layout, images: new Map([["3.22", plain]]) }, settings);
  const index = images.get("3.22");
  if (!index) throw new Error("the branch is gone");
  const [manifest] = (await layout.readImageIndex(index)).manifests;
  if (!manifest) throw new Error("the index is empty");
  return { index, layers: (await layout.readManifest(manifest)).layers };
}

describe("configureBaseImages", () => {
  it("adds a layer with the files, and the environment after the image's own", async () => {
    const { index, layers } = await configure(5080);
    const [manifest] = (await layout.readImageIndex(index)).manifests;
    if (!manifest || !layers[1]) throw new Error("no manifest, or no layer added");
    const config = await layout.readConfig(await layout.readManifest(manifest));
    const tar = gunzipSync(await layout.readBlob(layers[1]));
    expect([...readTar(tar)].map(({ path, mode, uid }) => [path, mode, uid])).toEqual([
      ["etc/pip.conf", 0o644, 0],
    ]);
    expect(config.config).toMatchObject({
      Env: ["PATH=/bin", "GOPROXY=http://127.0.0.1:5080"],
      Cmd: ["/bin/sh"],
    });
    expect(config.rootfs.diff_ids[1]).toBe(digestOf(tar));
    expect(config.history).toHaveLength(2);
  });

  it("shares what is large between ports, and leaves the layout's roots alone", async () => {
    const before = await readFile(join(directory, "index.json"), "utf8");
    const [one, other] = [await configure(5080), await configure(5081)];
    expect(one.index.digest).not.toBe(other.index.digest);
    expect(one.layers[0]).toEqual(other.layers[0]);
    expect(await readFile(join(directory, "index.json"), "utf8")).toBe(before);
  });

  it("makes the same image of the same settings", async () => {
    expect((await configure(5080)).index).toEqual((await configure(5080)).index);
  });
});
