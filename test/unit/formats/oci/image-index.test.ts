import { describe, expect, it } from "vitest";
import { assembleIndex } from "../../../../scripts/formats/oci/image-index.ts";
import { MEDIA_TYPE, REF_NAME } from "../../../../scripts/formats/oci/types.ts";
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
