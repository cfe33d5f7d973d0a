import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BuiltRelease } from "../../../scripts/build/built.ts";
import { EarlyPushes } from "../../../scripts/publish/early.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { type SeenRequest, startPair } from "../../support/fake-registry.ts";
import { sampleRelease } from "../../support/sample-target.ts";

let release: BuiltRelease;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "birdhouse-early-"));
  release = await buildRelease(new FakeEngine(), sampleRelease(), folder);
});
afterAll(() => rm(folder, { recursive: true }));

it("an image is sent before its test, by digest alone, and once however often it is asked for", async () => {
  const { server, registry } = await startPair();
  const namespace = { registry: server.host, path: "birds" };
  const early = new EarlyPushes({
    registry,
    namespace,
    blobLocations: new BlobLocations(),
  });
  const { runtime } = release;

  const place = await early.push(runtime);
  expect(place).toBe(`${server.host}/birds/node`);
  expect(await registry.headManifest("birds/node", runtime.index.digest)).toMatchObject({
    digest: runtime.index.digest,
  });
  expect(await registry.listTags("birds/node")).toEqual([]);

  const sent = early.sent(runtime.index.digest);
  const asked = server.requests.length;
  expect(sent).toBeGreaterThan(0);
  expect(await early.push(runtime)).toBe(place);
  expect(early.sent(runtime.index.digest)).toBe(sent);
  expect(server.requests.slice(asked).map(({ method }: SeenRequest) => method)).toEqual([]);
});

it("each image is sent, of any repository, and what the run has sent to another is mounted", async () => {
  const { server, registry } = await startPair();
  const blobLocations = new BlobLocations();
  const pushesTo = (path: string, signal?: AbortSignal) =>
    new EarlyPushes({
      ...{ registry, namespace: { registry: server.host, path }, blobLocations },
      ...(signal && { signal }),
    });
  const early = pushesTo("birds");
  for (const built of [release.runtime, release.dev]) {
    await early.push(built);
    expect(await registry.headManifest("birds/node", built.index.digest)).toBeDefined();
  }
  const before = server.requests.length;
  await pushesTo("bees").push(release.runtime);
  const uploads = server.requests.slice(before).filter(({ method }: SeenRequest) => method === "POST");
  expect(uploads.length).toBeGreaterThan(0);
  expect(uploads.filter(({ path }) => !path.includes("from=birds%2Fnode"))).toEqual([]);
  const ended = pushesTo("cats", AbortSignal.abort(new Error("enough")));
  await expect(ended.push(release.runtime)).rejects.toThrow("enough");
  expect(server.log.filter((line) => line.includes("/cats/"))).toEqual([]);
});
