import { describe, expect, it } from "vitest";
import type { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { manifestContent } from "../../../scripts/registry/push.ts";
import { bringBeside } from "../../../scripts/transfer/send.ts";
import { startPair } from "../../support/fake-registry.ts";
import { temporaryLayout } from "../../unit/formats/oci/sample-image.ts";

const TAG = `sha256-${"a".repeat(64)}.sig`;

async function signatures(layout: OciLayout, ...texts: string[]) {
  const layers = await Promise.all(texts.map((text) => layout.putBytes(Buffer.from(text), "text/plain")));
  const config = await layout.putJson({}, "application/json");
  return layout.putJson(
    { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers },
    MEDIA_TYPE.manifest,
  );
}

describe("a tag beside an image", () => {
  it.each([
    ["is made", [], ["ours"], "arrived"],
    ["moves to what has more", ["ours"], ["ours", "another"], "arrived"],
    ["stays where it has more", ["ours", "added here"], ["ours"], "here"],
  ] as const)("%s", async (_, here, arrived, expected) => {
    const { registry } = await startPair();
    const layout = await temporaryLayout();
    const before = await signatures(layout, ...here);
    if (here.length > 0) await registry.putManifest("a/b", TAG, await manifestContent(layout, before));
    const manifest = await signatures(layout, ...arrived);
    await bringBeside({ tag: TAG, manifest }, layout, { registry, repository: "a/b" });
    const after = await registry.headManifest("a/b", TAG);
    expect(after?.digest).toBe(expected === "arrived" ? manifest.digest : before.digest);
  });
});
