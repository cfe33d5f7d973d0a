import { describe, expect, it } from "vitest";
import { adoptImage, assembleIndex } from "../../../../scripts/formats/oci/assemble.ts";
import type { OciLayout } from "../../../../scripts/formats/oci/layout.ts";
import { imageConfigSchema, MEDIA_TYPE, REF_NAME } from "../../../../scripts/formats/oci/types.ts";
import { putImage, temporaryLayout } from "./sample-image.ts";

describe("assembleIndex", () => {
  it("gives each image its platform, and makes itself the only root, by name", async () => {
    const layout = await temporaryLayout();
    const manifest = await putImage(layout, [{ a: "a" }], "linux/arm64");
    await layout.writeIndex([manifest]);
    const index = await assembleIndex(
      layout,
      [{ platform: "linux/arm64", manifest }],
      { "x.y": "1" },
      "node:22",
    );
    expect(await layout.readImageIndex(index)).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      manifests: [{ ...manifest, platform: { os: "linux", architecture: "arm64" } }],
      annotations: { "x.y": "1" },
    });
    expect(await layout.root()).toEqual({ ...index, annotations: { [REF_NAME]: "node:22" } });
  });

  it("has the same digest whatever the order of images and annotations", async () => {
    const layout = await temporaryLayout();
    const amd64 = {
      platform: "linux/amd64",
      manifest: await putImage(layout, [{ a: "a" }], "linux/amd64"),
    } as const;
    const arm64 = {
      platform: "linux/arm64",
      manifest: await putImage(layout, [{ a: "a" }], "linux/arm64"),
    } as const;
    const one = await assembleIndex(layout, [amd64, arm64], { a: "1", b: "2" }, "x");
    const other = await assembleIndex(layout, [arm64, amd64], { b: "2", a: "1" }, "x");
    expect(other.digest).toBe(one.digest);
  });

  it("refuses two images for one platform, and an image of another platform than it is entered for", async () => {
    const layout = await temporaryLayout();
    const manifest = await putImage(layout, [{ a: "a" }], "linux/amd64");
    const amd64 = { platform: "linux/amd64", manifest } as const;
    await expect(assembleIndex(layout, [amd64, amd64], {}, "x:1")).rejects.toThrow(
      "x:1: two images for linux/amd64",
    );
    await expect(assembleIndex(layout, [{ ...amd64, platform: "linux/arm64" }], {}, "x:1")).rejects.toThrow(
      "x:1: the image for linux/arm64 was built for linux/amd64",
    );
    expect((await layout.readIndex()).manifests).toEqual([]);
  });
});

/** What an engine exports: the same image each time, but for what it remarks about the image below. */
async function exportedLayout(remark: string): Promise<OciLayout> {
  const layout = await temporaryLayout();
  const image = await putImage(layout, [{ "etc/a": "a" }, { "etc/b": "b" }], "linux/amd64");
  const manifest = await layout.readManifest(image);
  const config = await layout.putJson(
    {
      ...(await layout.readConfig(manifest)),
      config: { Labels: { below: "1", "org.example.title": "alpine" } },
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "ln -s a b", comment: `FROM ${remark}` }],
    },
    manifest.config.mediaType,
  );
  const annotations = { "org.opencontainers.image.base.name": remark };
  const layers = manifest.layers.map((layer) => ({
    ...layer,
    annotations: { "buildkit/rewritten-timestamp": remark },
  }));
  const root = await layout.putJson({ ...manifest, layers, config, annotations }, MEDIA_TYPE.manifest);
  await layout.writeIndex([root]);
  return layout;
}

const TIME = 1_700_000_000;
const WORDS = { "org.example.title": "node:22" };

describe("adoptImage", () => {
  it("gives the same digest whatever the engine called the image below", async () => {
    const layout = await temporaryLayout();
    const one = await adoptImage(
      layout,
      (await exportedLayout("docker.io/library/abc-tmp:latest")).directory,
      TIME,
      WORDS,
    );
    const other = await adoptImage(layout, (await exportedLayout("alpine:3.22")).directory, TIME, WORDS);
    expect(other).toEqual(one);
    expect(other.mediaType).toBe(MEDIA_TYPE.manifest);
  });

  it("brings all of the image, with what was run for each layer", async () => {
    const layout = await temporaryLayout();
    const exported = await exportedLayout("alpine:3.22");
    const { layers } = await exported.readManifest(await exported.root());
    const manifest = await layout.readManifest(await adoptImage(layout, exported.directory, TIME, WORDS));
    expect(manifest.layers).toEqual(layers.map(({ annotations: _, ...layer }) => layer));
    for (const layer of layers) expect((await layout.readBlob(layer)).length).toBe(layer.size);
    const config = await layout.readJson(manifest.config, imageConfigSchema);
    expect(config.history).toEqual([{ created: "1970-01-01T00:00:00Z", created_by: "ln -s a b" }]);
    expect(config.rootfs.diff_ids).toHaveLength(2);
    expect(config.created).toBe("2023-11-14T22:13:20Z");
    expect([manifest.annotations, config.config?.Labels]).toEqual([WORDS, { below: "1", ...WORDS }]);
  });

  it("adds to the configuration what engines leave out of it, and changes no layer", async () => {
    const layout = await temporaryLayout();
    const read = async (more?: Record<string, unknown>) => {
      const { directory } = await exportedLayout("alpine:3.22");
      const manifest = await layout.readManifest(await adoptImage(layout, directory, 0, {}, more));
      return { layers: manifest.layers, config: await layout.readConfig(manifest) };
    };
    const [plain, more] = [await read(), await read({ Healthcheck: { Test: ["CMD", "a"] } })];
    expect(more.layers).toEqual(plain.layers);
    expect(more.config).toEqual({
      ...plain.config,
      config: { ...plain.config.config, Healthcheck: { Test: ["CMD", "a"] } },
    });
  });

  it("leaves nothing of the exported layout behind", async () => {
    const exported = await exportedLayout("alpine:3.22");
    await adoptImage(await temporaryLayout(), exported.directory, TIME, WORDS);
    await expect(exported.readIndex()).rejects.toThrow("ENOENT");
  });
});
