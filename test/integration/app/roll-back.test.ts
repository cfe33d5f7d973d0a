import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readHolds } from "../../../scripts/app/read-registry.ts";
import { endHolds, rollBack } from "../../../scripts/app/roll-back.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { startPair } from "../../support/fake-registry.ts";
import { putHistory } from "../../support/histories.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const TAGS = ["22", "22-dev"];
const BEFORE = { kind: "before" } as const;

function index(title: string, day: number) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
  const image = { mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
  const created = new Date(Date.UTC(2026, 10, day));
  return { content: { bytes, ...image }, entry: { image, created, confirmed: created } };
}
const [OLD, NEW] = [index("old", 1), index("new", 2)];

/** A version whose tags have moved from the old build to the new one. */
async function setUp() {
  const { registry, server, clock } = await startPair();
  registry.listTags = async () => TAGS;
  for (const { content, entry } of [OLD, NEW]) {
    await registry.putManifest(REPOSITORY, entry.image.digest, content);
  }
  for (const tag of TAGS) {
    await registry.putManifest(REPOSITORY, tag, NEW.content);
    await putHistory(registry, REPOSITORY, tag, [NEW.entry, OLD.entry]);
  }
  const { runtime, dev } = sampleRelease();
  const session = {
    ...{ registry, namespace: { registry: server.host, path: "base" }, clock },
    catalog: sampleCatalog([runtime, dev]),
    journals: join(await temporaryDirectory(), "journals"),
    signal: new AbortController().signal,
    listener: () => {},
  };
  const digests = () =>
    Promise.all(TAGS.map(async (tag) => (await registry.headManifest(REPOSITORY, tag))?.digest));
  const puts = () => server.log.filter((line) => line.startsWith("PUT")).length;
  return { session, digests, puts, runtime, dev };
}

describe("rollBack", () => {
  const request = { patterns: ["node:22"], to: BEFORE, hold: undefined, dryRun: false };

  it("moves both variants of a version, though one was named", async () => {
    const { session, digests } = await setUp();
    const moved = await rollBack(session, request);
    expect(moved.map(({ target, to }) => [target.name, to.image.digest])).toEqual([
      ["node:22", OLD.entry.image.digest],
      ["node:22-dev", OLD.entry.image.digest],
    ]);
    expect(await digests()).toEqual([OLD.entry.image.digest, OLD.entry.image.digest]);
  });

  it("begins with the variant that was named, and changes nothing in a dry run", async () => {
    const { session, digests, puts } = await setUp();
    const before = puts();
    const planned = await rollBack(session, { ...request, patterns: ["node:22-dev"], dryRun: true });
    expect(planned.map(({ target }) => target.name)).toEqual(["node:22-dev", "node:22"]);
    expect(await digests()).toEqual([NEW.entry.image.digest, NEW.entry.image.digest]);
    expect(puts()).toBe(before);
  });

  it("moves nothing where the build is not there that it should go back to", async () => {
    const { session, puts } = await setUp();
    const before = puts();
    const to = { kind: "digest", digest: `sha256:${"d".repeat(64)}` } as const;
    await expect(rollBack(session, { ...request, to, dryRun: true })).rejects.toThrow("node:22");
    expect(puts()).toBe(before);
  });
});

describe("endHolds", () => {
  it("ends the hold of both variants, and says so only in a dry run", async () => {
    const { session, digests, runtime, dev } = await setUp();
    const hold = { until: new Date(Date.now() + 86_400_000), by: "ann", reason: "" };
    await rollBack(session, { patterns: ["node"], to: BEFORE, hold, dryRun: false });
    const held = async () => [...(await readHolds(session, [runtime, dev])).keys()];
    expect(await endHolds(session, ["node:22"], true)).toEqual(["node:22"]);
    expect(await held()).toEqual(["node:22", "node:22-dev"]);
    expect(await endHolds(session, ["node:22"], false)).toEqual(["node:22"]);
    expect(await held()).toEqual([]);
    expect(await digests()).toEqual([OLD.entry.image.digest, OLD.entry.image.digest]);
  });
});
