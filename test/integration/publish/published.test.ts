import { describe, expect, it } from "vitest";
import { inputsAnnotation, sizesAnnotations } from "../../../scripts/formats/annotations.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { readPublished, tagsByDigest } from "../../../scripts/publish/published.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { startPair } from "../../support/fake-registry.ts";

const INPUTS = { branch: "3.22", packages: ["nodejs~22"] };

/** A registry whose tag `base/node:22` points at a document. */
async function registryWith(document: object, mediaType: string) {
  const { server, registry } = await startPair();
  const bytes = Buffer.from(JSON.stringify(document));
  server.manifests.set("base/node:22", { bytes, mediaType });
  return { server, registry, digest: digestOf(bytes) };
}

function indexWith(annotations?: Record<string, string>, manifests: readonly object[] = []) {
  return registryWith(
    { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests, annotations },
    MEDIA_TYPE.index,
  );
}

function manifestFor(os: string, architecture: string) {
  return {
    mediaType: MEDIA_TYPE.manifest,
    digest: digestOf(Buffer.from("")),
    size: 0,
    platform: { os, architecture },
  };
}

describe("readPublished", () => {
  it("finds nothing under a tag that is not there", async () => {
    const { registry } = await startPair();
    expect(await readPublished(registry, "base/node", "22")).toBeUndefined();
  });

  it("reads from the index what the image was made from", async () => {
    const { registry, digest } = await indexWith(inputsAnnotation(INPUTS));
    expect(await readPublished(registry, "base/node", "22")).toEqual({
      digest,
      inputs: INPUTS,
      platforms: [],
    });
  });

  it("reads from it what the image weighs", async () => {
    const packages = new Map([["nodejs", { version: "22.16.0-r2", unpacked: 55 }]]);
    const sizes = new Map([["linux/amd64", { compressed: 30, unpacked: 80, packages }]]);
    const { registry, digest } = await indexWith({ ...inputsAnnotation(INPUTS), ...sizesAnnotations(sizes) });
    expect(await readPublished(registry, "base/node", "22")).toEqual({
      ...{ digest, inputs: INPUTS, sizes, platforms: [] },
    });
  });

  it("reads from it which platforms it is for, whoever pushed it", async () => {
    const manifests = [
      manifestFor("linux", "arm64"),
      manifestFor("linux", "s390x"),
      manifestFor("linux", "amd64"),
    ];
    const { registry, digest } = await indexWith(undefined, manifests);
    expect(await readPublished(registry, "base/node", "22")).toEqual({
      ...{ digest, inputs: undefined, platforms: ["linux/amd64", "linux/arm64"] },
    });
  });

  it.each([
    ["no annotations", undefined],
    ["an annotation that it cannot read", { "birdhouse.inputs": "{]" }],
  ])("knows nothing of an index with %s", async (_, annotations) => {
    const { registry, digest } = await indexWith(annotations);
    expect(await readPublished(registry, "base/node", "22")).toEqual({
      digest,
      inputs: undefined,
      platforms: [],
    });
  });

  it("knows nothing of an image without an index, which something else has pushed", async () => {
    const config = { mediaType: MEDIA_TYPE.config, digest: digestOf(Buffer.from("{}")), size: 2 };
    const manifest = { schemaVersion: 2, config, layers: [], annotations: inputsAnnotation(INPUTS) };
    const { registry, digest } = await registryWith(manifest, MEDIA_TYPE.manifest);
    expect(await readPublished(registry, "base/node", "22")).toEqual({ digest, inputs: undefined });
  });

  it("does not take a registry that refuses for one that has nothing", async () => {
    const { server, registry } = await indexWith();
    server.fault = () => ({ status: 403 });
    await expect(readPublished(registry, "base/node", "22")).rejects.toThrow(RegistryError);
  });

  it("stops when it is aborted", async () => {
    const { server, registry } = await indexWith();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(readPublished(registry, "base/node", "22", signal)).rejects.toThrow("enough");
    expect(server.log).toEqual([]);
  });
});

describe("tagsByDigest", () => {
  it("has the tags of images by what they point at, and no histories, attachments or tags that are gone", async () => {
    const { server, registry, digest } = await indexWith();
    const other = Buffer.from('{"schemaVersion":2,"manifests":[],"annotations":{"a":"b"}}');
    const index = server.manifests.get("base/node:22");
    const build = "22.16.0-r2-0123456789ab";
    if (index) server.manifests.set("base/node:latest", index).set(`base/node:${build}`, index);
    for (const tag of ["22-dev", "22.history", `sha256-${"a".repeat(64)}`]) {
      server.manifests.set(`base/node:${tag}`, { bytes: other, mediaType: MEDIA_TYPE.index });
    }
    const tags = ["22", "22-dev", "22.history", "gone", build, "latest", `sha256-${"a".repeat(64)}`];
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags }) } : undefined;
    expect([...(await tagsByDigest(registry, "base/node"))]).toEqual([
      [digest, ["22", build, "latest"]],
      [digestOf(other), ["22-dev"]],
    ]);
  });

  it("refuses an index that is none, and names it", async () => {
    const { registry } = await registryWith({ schemaVersion: 2 }, MEDIA_TYPE.index);
    await expect(readPublished(registry, "base/node", "22")).rejects.toThrow(
      "base/node:22 is not as expected",
    );
  });
});
