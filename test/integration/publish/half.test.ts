import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuiltRelease } from "../../../scripts/build/built.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { hostPlatform, PLATFORMS } from "../../../scripts/model/platform.ts";
import { halfTag, reservedTag } from "../../../scripts/model/tags.ts";
import {
  findHalf,
  type Half,
  imageOfHalf,
  joinedAnnotations,
  pushHalf,
} from "../../../scripts/publish/half.ts";
import { publish } from "../../../scripts/publish/publish.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { smoke, type TestedRelease } from "../../../scripts/smoke/smoke.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

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

describe("a half of an image of two platforms", () => {
  const request = { platform: HOST, run: "one" };

  /** An image of both platforms, and a registry for it. */
  async function setUp() {
    const platforms = [HOST, FOREIGN];
    const release = await buildRelease(
      new FakeEngine(),
      sampleRelease({ platforms }),
      await temporaryDirectory(),
    );
    const { registry, server } = await startPair();
    const place = { registry, repository: REPOSITORY };
    const find = () => findHalf(place, release.runtime.target, HOST);
    return { built: release.runtime, registry, server, place, find };
  }

  it("has the image of its platform and what is said about it, and nothing of the other", async () => {
    const { built, registry, place, find } = await setUp();
    await pushHalf(built, request, place, new BlobLocations());
    const half = await find();
    const [own, other] = built.platforms.map(({ manifest }) => manifest.digest);
    const named = half?.manifests.map(
      (one) => one.annotations?.["vnd.docker.reference.digest"] ?? one.digest,
    );
    expect(half?.manifests).toHaveLength(2);
    expect(new Set(named)).toEqual(new Set([own]));
    expect(await registry.headManifest(REPOSITORY, other ?? "")).toBeUndefined();
  });

  it("says in which base image it was made, where that is known", async () => {
    const { built, place, find } = await setUp();
    const { base: _, ...unknown } = built;
    await pushHalf(unknown, request, place, new BlobLocations());
    expect((await find())?.base).toBeUndefined();
    await pushHalf({ ...unknown, base: digest("c") }, request, place, new BlobLocations());
    const half = await find();
    expect(half?.base).toBe(digest("c"));
    expect(Object.keys(half?.annotations ?? {}).filter((name) => name.includes("half"))).toEqual([]);
  });

  it("mounts what this run has sent to another repository", async () => {
    const { built, registry, server, place } = await setUp();
    const locations = new BlobLocations();
    await pushHalf(built, request, place, locations);
    const before = server.requests.length;
    await pushHalf(built, request, { registry, repository: "base/other" }, locations);
    const sent = server.requests.slice(before).filter(({ method }) => method === "POST");
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter(({ path }) => !path.includes("from=base%2Fnode"))).toEqual([]);
  });

  it("is not sent by a run that is interrupted, not even its tag at the end, and not looked for", async () => {
    const { built, registry, server, place } = await setUp();
    const ended = { ...place, signal: AbortSignal.abort(new Error("enough")) };
    await expect(pushHalf(built, request, ended, new BlobLocations())).rejects.toThrow("enough");
    await expect(findHalf(ended, built.target, HOST)).rejects.toThrow("enough");
    expect(server.log).toEqual([]);
    await pushHalf(built, request, { registry, repository: "base/other" }, new BlobLocations());
    const last = (await findHalf({ registry, repository: "base/other" }, built.target, HOST))?.manifests.at(
      -1,
    );
    const abort = new AbortController();
    const put = registry.putManifest.bind(registry);
    registry.putManifest = async (repository, reference, ...rest) => {
      await put(repository, reference, ...rest);
      if (reference === last?.digest) abort.abort(new Error("enough"));
    };
    const late = pushHalf(built, request, { ...place, signal: abort.signal }, new BlobLocations());
    await expect(late).rejects.toThrow("enough");
    expect(server.manifests.has(`${REPOSITORY}:${halfTag("22", HOST)}`)).toBe(false);
  });

  it("that is damaged is told with its place", async () => {
    const { registry, find } = await setUp();
    const bytes = Buffer.from("{}");
    await registry.putManifest(REPOSITORY, halfTag("22", HOST), {
      ...{ bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) },
    });
    await expect(find()).rejects.toThrow(`${REPOSITORY}:${halfTag("22", HOST)} is not as expected`);
  });

  it.each([
    ["no image", []],
    ["two images", ["a", "b"]],
  ])("is none with %s", (_, letters) => {
    const manifests = letters.map((letter) => ({
      ...{ mediaType: MEDIA_TYPE.manifest, digest: digest(letter), size: 1 },
    }));
    const half = { digest: digest("f"), run: "one", base: undefined, annotations: {}, manifests };
    expect(() => imageOfHalf(half)).toThrow(`${digest("f")} is not of one platform`);
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

  it("is under which licenses its packages are, unless the catalog says that", () => {
    const LICENSES = "org.opencontainers.image.licenses";
    const platforms = release.runtime.platforms.map((one) => ({
      ...one,
      installed: one.installed.map((part) => ({ ...part, license: "MIT" })),
    }));
    const licensesOf = (labels: Record<string, string>, of: typeof platforms = platforms) => {
      const said = joinedAnnotations({ labels }, [{ annotations: {}, base: undefined }], of);
      return LICENSES in said ? said[LICENSES] : "none";
    };
    expect(licensesOf({})).toBe("MIT");
    expect(licensesOf({ [LICENSES]: "Apache-2.0" })).toBe("Apache-2.0");
    expect(licensesOf({}, [])).toBe("none");
  });

  it("is nothing where two say different things of the base image, or of more: all are named", () => {
    const halves = ["1", "2"].map((digit) => ({
      annotations: { title: digit, vendor: digit },
      base: digest(digit),
    }));
    expect(() => joinedAnnotations({ labels: {} }, halves, release.runtime.platforms)).toThrow(
      expect.objectContaining({
        message:
          "its machines did not work by one plan: what they made differs in title, vendor, the base image",
        hint: "run all jobs again",
      }),
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
