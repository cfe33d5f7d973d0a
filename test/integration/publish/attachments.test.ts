import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { build } from "../../../scripts/build/build.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { attachAll, provenanceOf, sbomOf } from "../../../scripts/publish/attachments.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { readAttachment, referrersOf } from "../../../scripts/registry/referrers.ts";
import { VERSION } from "../../../scripts/system/environment.ts";
import { PREDICATE_TYPE, provenanceStatement } from "../../../scripts/trust/provenance.ts";
import { buildRelease, FakeEngine, fakeBuildContext } from "../../support/fake-engine.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleCatalog, sampleJob, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

async function builtImage() {
  const release = await buildRelease(new FakeEngine(), sampleRelease(), await temporaryDirectory());
  return release.runtime;
}

const MAKING = { builder: "urn:example" };

describe("what is attached to an image", () => {
  it("is what it was made of, by its own annotations", async () => {
    const built = await builtImage();
    const made = await provenanceOf(built, sampleCatalog(), MAKING);
    const [{ installed, platform } = { installed: [], platform: "linux/amd64" }] = built.platforms;
    expect(made).toMatchObject({
      ...{ target: "node:22", digest: built.index.digest, version: VERSION },
      base: { reference: "registry.example/alpine:3.22" },
      packages: "https://packages.example/alpine",
    });
    expect(installed.length).toBeGreaterThan(0);
    expect(made.installed[platform]).toEqual(
      Object.fromEntries(installed.map(({ name, version }) => [name, version])),
    );
  });

  it("says its inputs and its base image: the one it was built in, or else the one its annotations name", async () => {
    const target = sampleRelease().runtime;
    const base = { reference: "registry.example/alpine:3.22", digest: digest("c") };
    const inputs = { branch: "3.22" };
    const context = fakeBuildContext(new FakeEngine(), await temporaryDirectory());
    const built = await build(sampleJob(target, inputs), context);
    const made = await provenanceOf({ ...built, base: base.digest }, sampleCatalog(), MAKING);
    expect(made).toMatchObject({ inputs, base });
    const { base: _, ...unknown } = built;
    const { annotations } = await (await OciLayout.open(built.layout)).readImageIndex(built.index);
    const { digest: named } = (await provenanceOf(unknown, sampleCatalog(), MAKING)).base;
    expect(named).toBe(annotations?.["org.opencontainers.image.base.digest"]);
  });

  it("does not change the image's own layout", async () => {
    const built = await builtImage();
    const { registry } = await startPair();
    const blobs = () => readdir(join(built.layout, "blobs/sha256"));
    const before = await blobs();
    const place = { registry, repository: "base/node" };
    await attachAll(built, sampleCatalog(), place, new BlobLocations(), MAKING);
    expect(await blobs()).toEqual(before);
  });

  it("is an SBOM for each platform, and the provenance for the whole, and the bytes are counted", async () => {
    const built = await builtImage();
    const catalog = sampleCatalog();
    const { registry, server } = await startPair();
    const place = { registry, repository: "base/node" };
    const sent = await attachAll(built, catalog, place, new BlobLocations(), MAKING);
    for (const platform of built.platforms) {
      const listed = await referrersOf(place, platform.manifest.digest);
      expect(listed.map(({ artifactType }) => artifactType).toSorted()).toEqual([
        "application/spdx+json",
        "application/vnd.cyclonedx+json",
      ]);
      const sbom = listed.find(({ artifactType }) => artifactType === "application/vnd.cyclonedx+json");
      const content = sbom && (await readAttachment(place, sbom));
      expect(String(content)).toBe(await sbomOf(built, platform, catalog));
      expect(String(content)).toContain(built.target.name);
    }
    const ofIndex = await referrersOf(place, built.index.digest);
    const stated = (type: string) =>
      ofIndex.find(({ annotations }) => annotations?.["in-toto.io/predicate-type"] === type);
    const passed = stated("https://in-toto.io/attestation/test-result/v0.1");
    const said = JSON.parse((passed && (await readAttachment(place, passed))) ?? "{}");
    expect(said.subject).toEqual([
      { name: "node:22", digest: { sha256: built.index.digest.replace("sha256:", "") } },
    ]);
    expect(said.predicate).toMatchObject({
      result: "PASSED",
      passedTests: ["contents", "hello, world", "version"],
      failedTests: [],
    });
    const provenance = stated(PREDICATE_TYPE);
    expect(provenance?.annotations).toEqual({ "in-toto.io/predicate-type": PREDICATE_TYPE });
    const content = provenance && (await readAttachment(place, provenance));
    expect(String(content)).toBe(provenanceStatement(await provenanceOf(built, catalog, MAKING)));
    const puts = server.requests.filter(({ method, path }) => method === "PUT" && !path.includes("sha256-"));
    expect(sent).toBe(puts.reduce((sum, { body }) => sum + body.length, 0));
  });
});
