import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuiltRelease } from "../../../scripts/build/built.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { hostPlatform, PLATFORMS } from "../../../scripts/model/platform.ts";
import { halfTag, reservedTag } from "../../../scripts/model/tags.ts";
import { findHalf, type Half, imageOfHalf, joinedAnnotations } from "../../../scripts/publish/half.ts";
import { publish } from "../../../scripts/publish/publish.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { smoke, type TestedRelease } from "../../../scripts/smoke/smoke.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";

const HOST = hostPlatform();
const FOREIGN = PLATFORMS.find((platform) => platform !== HOST) ?? "linux/arm64";
const REPOSITORY = "base/node";

let release: BuiltRelease;
let tested: TestedRelease;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-half-"));
  const engine = new FakeEngine();
  release = await buildRelease(engine, sampleRelease(), directory);
  tested = await smoke(release, { engine, scratch: directory, network: "host" });
});
afterAll(() => rm(directory, { recursive: true }));

/** Leaves what was made of a platform in a registry. */
async function left(platform = HOST) {
  const { server, registry } = await startPair();
  const published = await publish(tested, {
    ...{ registry, catalog: sampleCatalog(), blobLocations: new BlobLocations() },
    namespace: { registry: server.host, path: "base" },
    mover: { moveRelease: () => Promise.reject(new Error("no tag may move")) },
    half: { platform, run: "one" },
  });
  const place = { registry, repository: REPOSITORY };
  return { registry, published, place, find: () => findHalf(place, release.runtime.target, platform) };
}

describe("what one machine made", () => {
  it("is found by its run, under tags that are no image's", async () => {
    const { registry, published, find } = await left();
    const tags = [halfTag("22", HOST), halfTag("22-dev", HOST)];
    for (const tag of tags) expect(await registry.headManifest(REPOSITORY, tag)).toBeDefined();
    for (const tag of ["22", "22-dev"]) expect(await registry.headManifest(REPOSITORY, tag)).toBeUndefined();
    expect(published).toEqual([]);
    for (const tag of tags) expect(reservedTag(tag)).toBeDefined();
    const half = await find();
    expect(half?.run).toBe("one");
    expect(half && imageOfHalf(half)?.digest).toBe(release.runtime.platforms[0]?.manifest.digest);
  });

  it("is nothing of a platform that it does not have, and nothing that others put there", async () => {
    const { registry, published, place, find } = await left(FOREIGN);
    expect(published).toEqual([]);
    expect(await find()).toBeUndefined();
    const { registry: other, find: findOther } = await left();
    const [image] = (await findOther())?.manifests ?? [];
    const manifest = await other.getManifest(REPOSITORY, image?.digest ?? "");
    if (!manifest) throw new Error("there is no image");
    await registry.putManifest(REPOSITORY, halfTag("22", FOREIGN), manifest);
    expect(await findHalf(place, release.runtime.target, FOREIGN)).toBeUndefined();
  });
});

describe("what is said of an image that several made", () => {
  const joined = async (...changes: Partial<Half["annotations"]>[]) => {
    const half = await (await left()).find();
    if (!half) throw new Error("there is no half");
    const halves = changes.map((change) => ({
      annotations: { ...half.annotations, ...change },
      base: half.base,
    }));
    return joinedAnnotations({ labels: {} }, halves as Half[], release.runtime.platforms);
  };

  it("is what one machine says that made all of it", async () => {
    const { layout, index } = release.runtime;
    const { annotations } = await (await OciLayout.open(layout)).readImageIndex(index);
    expect(await joined({})).toEqual(annotations);
    expect(await joined({}, { "org.opencontainers.image.created": "2020-01-01T00:00:00Z" })).toEqual(
      annotations,
    );
  });

  it("is nothing where one was made in another base image", () => {
    const halves = [undefined, "sha256:1"].map((base) => ({ annotations: {}, base }));
    expect(() => joinedAnnotations({ labels: {} }, halves, release.runtime.platforms)).toThrow(
      "differs in the base image",
    );
  });

  it("is nothing where they were not made by one plan", async () => {
    await expect(joined({}, { "birdhouse.inputs": '{"branch":"3.24"}' })).rejects.toThrow(
      "differs in birdhouse.inputs",
    );
    await expect(joined({}, { "org.opencontainers.image.version": "22.1" })).rejects.toThrow(
      "differs in org.opencontainers.image.version",
    );
  });
});
