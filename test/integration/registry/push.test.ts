import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { BlobLocations, manifestContent, pushContent, putTag } from "../../../scripts/registry/push.ts";
import { anonymous, FakeClock, fewRetries, startFakeRegistry } from "../../support/fake-registry.ts";
import { putImage, temporaryLayout } from "../../unit/formats/oci/sample-image.ts";

/** A layout with one index of two platforms that share their first layer: 2 + 2 + 1 blobs, 3 manifests. */
async function setUp() {
  const layout = await temporaryLayout();
  const shared = { "etc/os-release": "sample" };
  const entries = [
    { platform: "linux/amd64", manifest: await putImage(layout, [shared, { a: "a" }], "linux/amd64") },
    { platform: "linux/arm64", manifest: await putImage(layout, [shared, { b: "b" }], "linux/arm64") },
  ] as const;
  const index = await assembleIndex(layout, entries, {}, "sample:1");
  const { manifests, blobs } = await layout.closure(index);
  const bytes = [...manifests, ...blobs].reduce((sum, { size }) => sum + size, 0);
  const server = await startFakeRegistry();
  const options = { credentials: anonymous, retries: fewRetries, clock: new FakeClock() };
  const registry = new Registry(server.host, options);
  const puts = () => server.log.filter((line) => line.startsWith("PUT"));
  return { layout, index, entries, manifests, blobs, bytes, server, registry, puts };
}

describe("pushContent", () => {
  it("sends every blob before the first manifest, children before their index, and moves no tag", async () => {
    const { layout, index, manifests, blobs, bytes, server, registry, puts } = await setUp();
    expect(await pushContent(layout, index, registry, "a/b")).toBe(bytes);
    expect(puts()).toHaveLength(8);
    expect(puts().slice(blobs.length)).toEqual(
      manifests.map(({ digest }) => `PUT /v2/a/b/manifests/${digest}`),
    );
    expect([...server.manifests.keys()].toSorted()).toEqual(
      manifests.map(({ digest }) => `a/b@${digest}`).toSorted(),
    );
    expect([...server.blobs.keys()].toSorted()).toEqual(
      blobs.map(({ digest }) => `a/b@${digest}`).toSorted(),
    );
  });

  it("sends nothing the second time", async () => {
    const { layout, index, registry, puts } = await setUp();
    await pushContent(layout, index, registry, "a/b");
    const before = puts().length;
    expect(await pushContent(layout, index, registry, "a/b")).toBe(0);
    expect(puts()).toHaveLength(before);
  });

  it("sends a blob once for all repositories that are pushed at the same time", async () => {
    const { layout, index, blobs, server, registry } = await setUp();
    const blobLocations = new BlobLocations();
    const repositories = ["a", "b", "a"];
    await Promise.all(
      repositories.map((repository) => pushContent(layout, index, registry, repository, { blobLocations })),
    );
    const sent = server.log.filter((line) => line.startsWith("PUT") && line.includes("/uploads/"));
    expect(sent).toHaveLength(blobs.length);
    expect(server.log.filter((line) => line.includes("?mount="))).toHaveLength(blobs.length);
    for (const repository of repositories) {
      for (const { digest } of blobs) expect(server.blobs.has(`${repository}@${digest}`)).toBe(true);
    }
  });

  it("sends a blob itself when the push that it waited for fails", async () => {
    const { layout, index, bytes, server, registry } = await setUp();
    const blobLocations = new BlobLocations();
    server.fault = ({ method, path }) =>
      method === "POST" && path.startsWith("/v2/bad/") ? { status: 403 } : undefined;
    const bad = pushContent(layout, index, registry, "bad", { blobLocations });
    const good = pushContent(layout, index, registry, "good", { blobLocations });
    await expect(bad).rejects.toMatchObject({ status: 403 });
    expect(await good).toBe(bytes);
  });

  it("puts no manifest when a blob is damaged", async () => {
    const { layout, index, blobs, server, registry } = await setUp();
    const damaged = blobs.at(-1);
    if (!damaged) throw new Error("the sample has no blobs");
    await writeFile(layout.blobPath(damaged.digest), "damage");
    await expect(pushContent(layout, index, registry, "a/b")).rejects.toThrow(/is damaged/);
    expect(server.manifests.size).toBe(0);
  });

  it("sends nothing more once a blob has failed, and five at once", async () => {
    const { layout, server, registry } = await setUp();
    const layers = Array.from({ length: 12 }, (_, at) => ({ [`file-${at}`]: `${at}` }));
    const manifest = await putImage(layout, layers, "linux/amd64");
    server.fault = ({ method }) => (method === "PUT" ? { status: 403 } : undefined);
    await expect(pushContent(layout, manifest, registry, "a/b")).rejects.toThrow(/403/);
    const asked = server.requests.filter(({ method }) => method === "HEAD");
    expect(asked).toHaveLength(5);
  });

  it("stops when it is aborted, with the reason that was given", async () => {
    const { layout, index, server, registry } = await setUp();
    const abort = new AbortController();
    server.fault = ({ method }) => {
      if (method === "PUT") abort.abort(new Error("enough"));
      return undefined;
    };
    const pushing = pushContent(layout, index, registry, "a/b", { signal: abort.signal });
    await expect(pushing).rejects.toThrow("enough");
    expect(server.manifests.size).toBe(0);
  });

  it.each([5, 7])("gets there although one request in %d fails", async (period) => {
    const { layout, index, manifests, server, registry } = await setUp();
    server.fault = () => (server.requests.length % period === 0 ? { status: 502 } : undefined);
    await pushContent(layout, index, registry, "a/b");
    expect(server.manifests.size).toBe(manifests.length);
    expect(server.requests.length).toBeGreaterThan(2 * period);
  });
});

describe("putTag", () => {
  it("moves a tag, and moves it back", async () => {
    const { layout, index, entries, server, registry } = await setUp();
    const content = await manifestContent(layout, index);
    await putTag(registry, "a/b", "22", content);
    expect(server.manifests.get("a/b:22")?.bytes).toEqual(content.bytes);
    const other = await manifestContent(layout, entries[0].manifest);
    await putTag(registry, "a/b", "22", other);
    expect(server.manifests.get("a/b:22")?.bytes).toEqual(other.bytes);
    const before = await registry.getManifest("a/b", content.digest);
    if (!before) throw new Error("the first manifest is gone");
    await putTag(registry, "a/b", "22", before);
    expect((await registry.headManifest("a/b", "22"))?.digest).toBe(content.digest);
  });

  it("does not take the registry's word for it", async () => {
    const { layout, index, server, registry } = await setUp();
    const content = await manifestContent(layout, index);
    server.fault = ({ method }) => (method === "PUT" ? { status: 201 } : undefined);
    await expect(putTag(registry, "a/b", "22", content)).rejects.toThrow(
      `could not move the tag 22: it was put at ${content.digest}, but points at nothing`,
    );
  });
});
