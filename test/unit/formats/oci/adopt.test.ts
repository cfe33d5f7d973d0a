import { describe, expect, it } from "vitest";
import { adoptImage } from "../../../../scripts/formats/oci/adopt.ts";
import type { OciLayout } from "../../../../scripts/formats/oci/layout.ts";
import { imageConfigSchema, MEDIA_TYPE } from "../../../../scripts/formats/oci/types.ts";
import { putImage, temporaryLayout } from "./sample-image.ts";

/** What an engine exports: the same image each time, but for what it remarks about the image below. */
async function exportedLayout(remark: string): Promise<OciLayout> {
  const layout = await temporaryLayout();
  const image = await putImage(layout, [{ "etc/a": "a" }, { "etc/b": "b" }], "linux/amd64");
  const manifest = await layout.readManifest(image);
  const config = await layout.putJson(
    {
      ...(await layout.readConfig(manifest)),
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "ln -s a b", comment: `FROM ${remark}` }],
    },
    manifest.config.mediaType,
  );
  const annotations = { "org.opencontainers.image.base.name": remark };
  const root = await layout.putJson({ ...manifest, config, annotations }, MEDIA_TYPE.manifest);
  await layout.writeIndex([root]);
  return layout;
}

describe("adoptImage", () => {
  it("gives the same digest whatever the engine called the image below", async () => {
    const layout = await temporaryLayout();
    const one = await adoptImage(
      layout,
      (await exportedLayout("docker.io/library/abc-tmp:latest")).directory,
    );
    const other = await adoptImage(layout, (await exportedLayout("alpine:3.22")).directory);
    expect(other).toEqual(one);
    expect(other.mediaType).toBe(MEDIA_TYPE.manifest);
  });

  it("brings all of the image, with what was run for each layer", async () => {
    const layout = await temporaryLayout();
    const exported = await exportedLayout("alpine:3.22");
    const { layers } = await exported.readManifest(await exported.root());
    const manifest = await layout.readManifest(await adoptImage(layout, exported.directory));
    expect(manifest.layers).toEqual(layers);
    for (const layer of layers) expect((await layout.readBlob(layer)).length).toBe(layer.size);
    const config = await layout.readJson(manifest.config, imageConfigSchema);
    expect(config.history).toEqual([{ created: "1970-01-01T00:00:00Z", created_by: "ln -s a b" }]);
    expect(config.rootfs.diff_ids).toHaveLength(2);
  });

  it("leaves nothing of the exported layout behind", async () => {
    const exported = await exportedLayout("alpine:3.22");
    await adoptImage(await temporaryLayout(), exported.directory);
    await expect(exported.readIndex()).rejects.toThrow("ENOENT");
  });
});
