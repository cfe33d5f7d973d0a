import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIFECYCLE, markAnnotations } from "../../../scripts/formats/lifecycle.ts";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import type { Descriptor } from "../../../scripts/formats/oci/types.ts";
import { manifestContent, pushContent } from "../../../scripts/registry/push.ts";
import { attach, referrersOf, referrersTag } from "../../../scripts/registry/referrers.ts";
import { collectImage, ExportContent } from "../../../scripts/transfer/collect.ts";
import { startPair } from "../../support/fake-registry.ts";
import { putImage, temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";

async function publish() {
  const { registry, server } = await startPair();
  const directory = await temporaryDirectory();
  const layout = await OciLayout.create(join(directory, "layout"));
  const entries = await Promise.all(
    (["linux/amd64", "linux/arm64"] as const).map(async (platform) => ({
      platform,
      manifest: await putImage(layout, [{ hello: platform }, { shared: "" }], platform),
    })),
  );
  const index = await assembleIndex(layout, entries, {}, "node:22");
  await pushContent(layout, index, registry, REPOSITORY);
  const put = async (subject: Descriptor, content: string) => {
    const place = { registry, repository: REPOSITORY };
    const before = new Set((await referrersOf(place, subject.digest)).map(({ digest }) => digest));
    await attach(place, { subject, mediaType: "text/plain", content }, layout);
    const added = (await referrersOf(place, subject.digest)).find(({ digest }) => !before.has(digest));
    if (!added) throw new Error("nothing was attached");
    return added;
  };
  const collect = (tags: readonly string[] = []) => {
    const contents = new ExportContent();
    const image = collectImage(
      { registry, repository: REPOSITORY, contents },
      "node:22",
      index.digest,
      ["22"],
      tags,
    );
    return { image, contents };
  };
  const platforms = entries.map(({ manifest }) => manifest);
  return { registry, server, layout, index, platforms, put, collect };
}

describe("what goes with an image", () => {
  it("is all of its platforms, and blobs once", async () => {
    const { index, platforms, collect, layout } = await publish();
    const { image, contents } = collect();
    expect(await image).toMatchObject({
      target: "node:22",
      image: index,
      tags: ["22"],
      attached: [],
      beside: [],
    });
    const { manifests, blobs } = await layout.closure(index);
    expect([...contents.documents.keys()].toSorted()).toEqual(
      manifests.map(({ digest }) => digest).toSorted(),
    );
    expect([...contents.blobs.keys()].toSorted()).toEqual(blobs.map(({ digest }) => digest).toSorted());
    expect(platforms).toHaveLength(2);
  });

  it("is what is attached to it, to a platform, and to what is attached; not what has been removed", async () => {
    const { index, platforms, put, collect, registry } = await publish();
    const provenance = await put(index, "provenance");
    const sbom = await put(platforms[1] as Descriptor, "sbom");
    const ofSbom = await put(sbom, "a signature of the SBOM");
    const removed = await put(index, "removed");
    await registry.deleteManifest(REPOSITORY, removed.digest);
    const { attached } = await collect().image;
    expect(attached).toEqual([provenance, sbom, ofSbom]);
  });

  it("is not what says that it was superseded here: on the other side it is what is published", async () => {
    const { index, put, collect, registry, layout } = await publish();
    const annotations = markAnnotations(new Date("2026-11-23"), digestOf(Buffer.from("newer")));
    await attach(
      { registry, repository: REPOSITORY },
      { subject: index, mediaType: LIFECYCLE, annotations },
      layout,
    );
    const provenance = await put(index, "provenance");
    const { image, contents } = collect();
    expect((await image).attached).toEqual([provenance]);
    expect([...contents.documents.values()].join("\n")).not.toContain(LIFECYCLE);
  });

  it("is what cosign keeps under tags: not the lists that stand in for the API", async () => {
    const { index, put, collect, registry, layout } = await publish();
    const sbom = await put(index, "sbom");
    const tag = `${referrersTag(index.digest)}.sig`;
    await registry.putManifest(REPOSITORY, tag, await manifestContent(layout, sbom));
    const other = `${referrersTag(`sha256:${"f".repeat(64)}`)}.sig`;
    const { beside } = await collect(["22", tag, other, referrersTag(index.digest)]).image;
    expect(beside.map((one) => [one.tag, one.manifest.digest])).toEqual([[tag, sbom.digest]]);
  });

  it("is refused where a platform is missing", async () => {
    const { platforms, collect, server } = await publish();
    server.manifests.delete(`${REPOSITORY}@${platforms[0]?.digest}`);
    await expect(collect().image).rejects.toThrow(`${platforms[0]?.digest}, a part of an image, is missing`);
  });
});
