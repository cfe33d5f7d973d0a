import { expect, it } from "vitest";
import { attachedDocument, inspectTarget } from "../../../scripts/app/inspect.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleTarget } from "../../support/sample-target.ts";

const TARGET = sampleTarget();

/** A registry in which the target is there for these platforms, with nothing attached to it. */
async function setUp(...architectures: readonly string[]) {
  const { registry, server } = await startPair();
  const session = {
    ...{ registry, namespace: { registry: server.host, path: "base" } },
    signal: new AbortController().signal,
  };
  if (architectures.length === 0) return session;
  const manifests = architectures.map((architecture) => {
    const digest = digestOf(Buffer.from(architecture));
    return { mediaType: MEDIA_TYPE.manifest, digest, size: 1, platform: { os: "linux", architecture } };
  });
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }));
  const content = { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
  await registry.putManifest("base/node", "22", content);
  return session;
}

it("tells that a target is not published", async () => {
  expect(await inspectTarget(await setUp(), TARGET)).toEqual({
    ...{ target: TARGET, published: undefined, tags: [], attached: [], at: undefined },
  });
});

it.each([
  ["provenance", "node:22: the registry has no provenance of it"],
  ["sbom", "node:22: the registry has no SBOM of it"],
] as const)("says that there is no %s, and that a rebuild makes it", async (which, message) => {
  const there = attachedDocument(await setUp("amd64"), TARGET, which, undefined);
  await expect(there).rejects.toMatchObject({ message, hint: expect.stringContaining("node:22") });
  const missing = attachedDocument(await setUp(), TARGET, which, undefined);
  await expect(missing).rejects.toMatchObject({ message });
});

it("asks which platform's SBOM is meant, where there are several or the named one is not there", async () => {
  const problem = {
    message: "node:22 is there for linux/amd64, linux/arm64",
    hint: "choose one with --platform",
  };
  const both = await setUp("amd64", "arm64");
  await expect(attachedDocument(both, TARGET, "sbom", undefined)).rejects.toMatchObject(problem);
  const one = attachedDocument(await setUp("amd64"), TARGET, "sbom", "linux/arm64");
  await expect(one).rejects.toMatchObject({ message: "node:22 is there for linux/amd64" });
});
