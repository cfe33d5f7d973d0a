import { describe, expect, it } from "vitest";
import type { Failing } from "../../../scripts/model/run.ts";
import { findFailing, putFailing, readFailing } from "../../../scripts/publish/failing.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { MemoryRegistry } from "../../support/memory-registry.ts";

const FAILED: Failing = {
  ...{ runs: 3, since: "2026-11-18T03:00:00Z", last: "2026-11-20T03:00:00Z", fingerprint: "f0" },
};
const REPOSITORY = "birds/birdhouse";

describe("how often a target failed", () => {
  const open = () => {
    const registry = new MemoryRegistry();
    return { registry, place: { registry, repository: REPOSITORY } };
  };

  it("is read as it was written, by target, and is gone once it has been mended", async () => {
    const { place } = open();
    expect(await findFailing(place, "node:22-dev")).toBeUndefined();
    await putFailing(place, "node:22-dev", FAILED);
    expect(await findFailing(place, "node:22-dev")).toEqual(FAILED);
    // Another that the same letters of a tag stand for.
    expect(await findFailing(place, "node-22:dev")).toBeUndefined();
    await putFailing(place, "node:22-dev", { ...FAILED, runs: 0 });
    expect(await findFailing(place, "node:22-dev")).toBeUndefined();
  });

  it("is of one target, whatever others have failed since", async () => {
    const { place } = open();
    const other = { ...FAILED, runs: 9 };
    await putFailing(place, "node:22-dev", FAILED);
    await putFailing(place, "node-22:dev", other);
    expect(await findFailing(place, "node:22-dev")).toEqual(FAILED);
    expect(await findFailing(place, "node-22:dev")).toEqual(other);
  });

  it("is kept where every release of Birdhouse looks for it, as what any registry takes", async () => {
    const { registry, place } = open();
    const { fingerprint: _, ...bare } = FAILED;
    await putFailing(place, "node:22.1-dev", bare);
    const [[name, content] = ["", undefined]] = [...registry.manifests];
    expect(name).toBe("birds/birdhouse:failing-node_22.1-dev-c3460a21cace");
    expect(content?.mediaType).toBe("application/vnd.oci.image.index.v1+json");
    expect(JSON.parse(Buffer.from(content?.bytes ?? []).toString())).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      artifactType: "application/vnd.birdhouse.failing.v1",
      manifests: [],
      annotations: {
        "birdhouse.failing.target": "node:22.1-dev",
        "birdhouse.failing.runs": "3",
        "birdhouse.failing.since": FAILED.since,
        "birdhouse.failing.last": FAILED.last,
      },
    });
  });

  it("lies under a tag that any registry takes, however long the name is", async () => {
    const { registry, place } = open();
    await putFailing(place, `${"x".repeat(120)}/y:1.${"0".repeat(90)}`, FAILED);
    for (const name of registry.manifests.keys())
      expect(name).toMatch(/^birds\/birdhouse:[\w][\w.-]{0,127}$/);
  });

  it.each([
    ["something else", {}],
    ["no number", { "birdhouse.failing.runs": "many" }],
    ["no time", { "birdhouse.failing.since": "yesterday" }],
  ])("is not known where there is %s", (_, annotations) => {
    const artifactType = "application/vnd.birdhouse.failing.v1";
    const all = {
      "birdhouse.failing.target": "node:22",
      "birdhouse.failing.runs": "2",
      "birdhouse.failing.since": FAILED.since,
      "birdhouse.failing.last": FAILED.last,
    };
    const read = (words: object) =>
      readFailing(indexContent({ artifactType, manifests: [], annotations: words }).bytes);
    expect(read(all)).toMatchObject({ target: "node:22", failing: { runs: 2 } });
    expect(read(Object.keys(annotations).length === 0 ? {} : { ...all, ...annotations })).toBeUndefined();
  });
});
