import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { emptyLedger, withLook } from "../../../scripts/model/ledger.ts";
import { findLedger, putLedger } from "../../../scripts/publish/ledger.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { type SeenRequest, startPair } from "../../support/fake-registry.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const FINDING = {
  ...{ id: "CVE-2026-1", package: "libssl3", installed: "3.3.2-r0", fixed: "3.3.2-r1" },
  ...{ platforms: ["linux/amd64"], sources: ["secdb"] as const },
};
const lookAt = (number: number) => ({
  ...{ at: day(number), digest: digest("a"), published: day(1), sources: ["secdb"] as const },
  ...{ findings: [FINDING], before: [], installed: new Map() },
});

const TAG_PATH = "/v2/base/node/manifests/22.ledger";
const ARTIFACT_TYPE = "application/vnd.birdhouse.ledger.v1+json";
const isDelete = ({ method }: SeenRequest) => method === "DELETE";

/** A manifest under the tag of the ledger, as somebody may have put it there. */
function manifestOf(content: object) {
  const config = {
    mediaType: "application/vnd.oci.empty.v1+json",
    digest: digestOf(Buffer.from("{}")),
    size: 2,
  };
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, ...content };
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, mediaType: MEDIA_TYPE.manifest, digest: digestOf(bytes) };
}

async function setUp() {
  const { registry, server } = await startPair();
  const place = { registry, repository: "base/node" };
  return { place, registry, server, scratch: await temporaryDirectory() };
}

describe("the ledger of a tag", () => {
  it("is in the registry beside the tag, comes back as it was, and leaves none behind", async () => {
    const { place, registry, scratch } = await setUp();
    expect(await findLedger(place, "22")).toEqual({ kind: "none" });
    const first = withLook(emptyLedger("node:22"), lookAt(2));
    await putLedger(place, "22", { ledger: first, found: { kind: "none" }, scratch });
    const found = await findLedger(place, "22");
    if (found.kind !== "ledger") throw new Error(found.kind);
    expect(found.ledger).toEqual(JSON.parse(JSON.stringify(first)));
    const later = { ...withLook(found.ledger, lookAt(3)), colour: "blue" };
    await putLedger(place, "22", { ledger: later, found, scratch });
    expect(await findLedger(place, "22")).toMatchObject({ ledger: { colour: "blue" } });
    expect(await registry.headManifest("base/node", found.digest)).toBeUndefined();
  });

  it("is not taken for somebody else's where the registry fails meanwhile", async () => {
    const { place, server, scratch } = await setUp();
    const ledger = withLook(emptyLedger("node:22"), lookAt(2));
    await putLedger(place, "22", { ledger, found: { kind: "none" }, scratch });
    server.fault = ({ path }) => (path.includes("/blobs/") ? { status: 500 } : undefined);
    await expect(findLedger(place, "22")).rejects.toThrow("HTTP 500");
  });

  it("writes over nothing that is somebody else's", async () => {
    const { place, registry, scratch } = await setUp();
    await registry.putManifest("base/node", "22.ledger", indexContent({ manifests: [] }));
    const found = await findLedger(place, "22");
    expect(found.kind).toBe("foreign");
    const writing = putLedger(place, "22", { ledger: emptyLedger("node:22"), found, scratch });
    await expect(writing).rejects.toThrow("nothing is written over it");
    const still = await registry.getManifest("base/node", "22.ledger");
    expect(still?.mediaType).toBe(MEDIA_TYPE.index);
  });

  it("is an artifact whose one layer is the document, as others read it too", async () => {
    const { place, registry, server, scratch } = await setUp();
    const ledger = withLook(emptyLedger("node:22"), lookAt(2));
    await putLedger(place, "22", { ledger, found: { kind: "none" }, scratch });
    const manifest = await registry.getManifest("base/node", "22.ledger");
    const text = `${JSON.stringify(ledger)}\n`;
    const layer = { mediaType: ARTIFACT_TYPE, digest: digestOf(Buffer.from(text)), size: text.length };
    const { bytes } = manifestOf({ artifactType: ARTIFACT_TYPE, layers: [layer] });
    expect(JSON.parse(Buffer.from(manifest?.bytes ?? []).toString())).toEqual(JSON.parse(bytes.toString()));
    expect(manifest?.mediaType).toBe(MEDIA_TYPE.manifest);
    expect(server.blobs.get(`base/node@${layer.digest}`)?.toString()).toBe(text);
    expect(server.requests.filter((one) => isDelete(one))).toEqual([]);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("that says the same again stays: it is not removed as its own predecessor", async () => {
    const { place, server, scratch } = await setUp();
    const ledger = withLook(emptyLedger("node:22"), lookAt(2));
    await putLedger(place, "22", { ledger, found: { kind: "none" }, scratch });
    await putLedger(place, "22", { ledger, found: await findLedger(place, "22"), scratch });
    expect(server.requests.filter((one) => isDelete(one))).toEqual([]);
    expect(await findLedger(place, "22")).toMatchObject({ kind: "ledger" });
  });

  it("is written all the same where the registry deletes nothing, which is tried once", async () => {
    const { place, server, scratch } = await setUp();
    server.fault = (request) => (isDelete(request) ? { status: 405 } : undefined);
    for (const at of [2, 3, 4]) {
      const found = await findLedger(place, "22");
      const ledger = withLook(found.kind === "ledger" ? found.ledger : emptyLedger("node:22"), lookAt(at));
      await putLedger(place, "22", { ledger, found, scratch });
    }
    expect(await findLedger(place, "22")).toMatchObject({ ledger: { looked: { at: day(4).toISOString() } } });
    expect(server.requests.filter((one) => isDelete(one))).toHaveLength(1);
  });

  it("leaves nothing on the disk where the registry refuses it", async () => {
    const { place, server, scratch } = await setUp();
    server.fault = ({ method }) => (method === "PUT" ? { status: 403 } : undefined);
    const ledger = emptyLedger("node:22");
    await expect(putLedger(place, "22", { ledger, found: { kind: "none" }, scratch })).rejects.toThrow("403");
    expect(await readdir(scratch)).toEqual([]);
  });

  const layer = { mediaType: ARTIFACT_TYPE, digest: digest("a"), size: 4_000_000 };
  it.each([
    ["another artifact", { artifactType: "text/x", layers: [layer] }, "is no ledger"],
    ["an image without a type", { layers: [layer] }, "is no ledger"],
    ["a ledger without a layer", { artifactType: ARTIFACT_TYPE, layers: [] }, "is no ledger"],
    [
      "a ledger whose document is gone",
      { artifactType: ARTIFACT_TYPE, layers: [layer] },
      "has lost its document",
    ],
    [
      "one that no memory would hold",
      { artifactType: ARTIFACT_TYPE, layers: [{ ...layer, size: 4_000_001 }] },
      "is larger than any ledger: 4000001 bytes",
    ],
  ])("is none where there is %s, and why is told, and how to look at it", async (_, content, why) => {
    const { place, registry, server, scratch } = await setUp();
    await registry.putManifest("base/node", "22.ledger", manifestOf(content));
    const found = await findLedger(place, "22");
    expect(found).toEqual({ kind: "foreign", because: `base/node:22.ledger ${why}` });
    const name = `docker://${registry.host}/base/node:22.ledger`;
    const before = server.requests.length;
    const writing = putLedger(place, "22", { ledger: emptyLedger("node:22"), found, scratch });
    await expect(writing).rejects.toMatchObject({
      message: `base/node:22.ledger ${why}; nothing is written over it`,
      hint: `see who put it there (skopeo inspect --raw ${name}); if nobody needs it: skopeo delete ${name}`,
    });
    expect(server.requests).toHaveLength(before);
  });

  it("is none where its document is of another form", async () => {
    const { place, registry, server } = await setUp();
    const bytes = Buffer.from("[]");
    server.blobs.set(`base/node@${digestOf(bytes)}`, bytes);
    const layers = [{ mediaType: ARTIFACT_TYPE, digest: digestOf(bytes), size: bytes.length }];
    await registry.putManifest("base/node", "22.ledger", manifestOf({ artifactType: ARTIFACT_TYPE, layers }));
    expect(await findLedger(place, "22")).toMatchObject({
      kind: "foreign",
      because: expect.stringContaining("base/node:22.ledger is not as expected"),
    });
  });

  it("can be asked for where a repository that refuses to be asked about has none", async () => {
    const { place, server } = await setUp();
    server.fault = () => ({ status: 403 });
    await expect(findLedger(place, "22")).rejects.toThrow("403");
    expect(await findLedger(place, "22", { refusedIsAbsent: true })).toEqual({ kind: "none" });
  });
});

describe("a run that is interrupted", () => {
  /** Interrupts once a request to the registry's client is over. */
  async function interrupted(after: "getManifest" | "putManifest", isIt: (reference: string) => boolean) {
    const { place, registry, server, scratch } = await setUp();
    const first = withLook(emptyLedger("node:22"), lookAt(2));
    await putLedger(place, "22", { ledger: first, found: { kind: "none" }, scratch });
    const found = await findLedger(place, "22");
    const abort = new AbortController();
    const act = registry[after].bind(registry) as (...all: unknown[]) => Promise<unknown>;
    Object.assign(registry, {
      [after]: async (repository: string, reference: string, ...rest: unknown[]) => {
        const result = await act(repository, reference, ...rest);
        if (isIt(reference)) abort.abort(new Error("enough"));
        return result;
      },
    });
    const from = server.requests.length;
    const log = () => server.log.slice(from);
    const write = () =>
      putLedger({ ...place, signal: abort.signal }, "22", { ledger: emptyLedger("node:22"), found, scratch });
    const find = () => findLedger({ ...place, signal: abort.signal }, "22");
    return { place, found, log, write, find, scratch };
  }

  it("does not ask, and does not write", async () => {
    const { place, server, scratch } = await setUp();
    const ended = { ...place, signal: AbortSignal.abort(new Error("enough")) };
    await expect(findLedger(ended, "22")).rejects.toThrow("enough");
    const text = { ledger: emptyLedger("node:22"), found: { kind: "none" }, scratch } as const;
    await expect(putLedger(ended, "22", text)).rejects.toThrow("enough");
    expect(server.log).toEqual([]);
  });

  it("does not take a ledger for somebody else's that it was just reading", async () => {
    const { find } = await interrupted("getManifest", () => true);
    await expect(find()).rejects.toThrow("enough");
  });

  it("puts no tag where only the content has arrived", async () => {
    const { place, write, found, scratch } = await interrupted("putManifest", (one) => one.includes(":"));
    await expect(write()).rejects.toThrow("enough");
    expect(await findLedger(place, "22")).toEqual(found);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("removes nothing any more", async () => {
    const { write, log } = await interrupted("putManifest", (one) => one === "22.ledger");
    await write();
    expect(log().at(-1)).toBe(`PUT ${TAG_PATH}`);
  });
});
