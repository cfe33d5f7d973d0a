import { describe, expect, it } from "vitest";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { emptyLedger, withLook } from "../../../scripts/model/ledger.ts";
import { findLedger, putLedger } from "../../../scripts/publish/ledger.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { startPair } from "../../support/fake-registry.ts";
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
});
