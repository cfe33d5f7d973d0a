import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attachVex, newestVex } from "../../../scripts/publish/vex.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { readAttachment, referrersOf } from "../../../scripts/registry/referrers.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { startPair } from "../../support/fake-registry.ts";
import { openVexSchema } from "../../support/openvex.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

describe("the VEX of an image", () => {
  it("is attached to the platform that it is about, once for what it says, and the youngest counts", async () => {
    const { runtime: built } = await buildRelease(
      new FakeEngine(),
      sampleRelease(),
      await temporaryDirectory(),
    );
    const [one] = built.platforms;
    if (!one) throw new Error("there is no platform");
    const { registry } = await startPair();
    const place = { registry, repository: "base/node" };
    const through = (reason: string) => [
      {
        ...{ target: built.target.name, platform: one.platform, id: "CVE-2026-1", aliases: [] },
        ...{ package: "nodejs", version: "22.16.0-r2", isAlpine: true },
        exception: { id: "CVE-2026-1", reason, until: "2027-01-01" },
      },
    ];
    const say = (reason: string, day: number) => {
      const speaker = { registry: "registry.example/base", at: new Date(Date.UTC(2026, 10, day)) };
      return attachVex(built, through(reason), speaker, place, new BlobLocations());
    };
    const blobs = () => readdir(join(built.layout, "blobs/sha256"));
    const before = await blobs();
    expect(await say("Not reached.", 1)).toBeGreaterThan(0);
    // What is sent of the image itself is all that its layout holds.
    expect(await blobs()).toEqual(before);
    expect(await say("Not reached.", 2)).toBe(0);
    expect(await say("Still not reached.", 3)).toBeGreaterThan(0);
    const listed = await referrersOf(place, one.manifest.digest);
    expect(listed).toHaveLength(2);
    const newest = newestVex(listed.toReversed());
    const document = openVexSchema.parse(JSON.parse((newest && (await readAttachment(place, newest))) ?? ""));
    expect(document.statements[0]?.action_statement).toContain("Still not reached.");
  });

  it("is none where nothing was let through: nothing is asked or sent", async () => {
    const folder = await temporaryDirectory();
    const { runtime: built } = await buildRelease(new FakeEngine(), sampleRelease(), folder);
    const { registry, server } = await startPair();
    const speaker = { registry: "registry.example/base", at: new Date(0) };
    const place = { registry, repository: "base/node" };
    expect(await attachVex(built, [], speaker, place, new BlobLocations())).toBe(0);
    expect(server.log).toEqual([]);
  });
});
