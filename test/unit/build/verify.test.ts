import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { build } from "../../../scripts/build/build.ts";
import { verifyBuild } from "../../../scripts/build/verify.ts";
import { FakeEngine, fakeBuildContext, sampleImage } from "../../support/fake-engine.ts";
import { sampleJob } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

async function setUp() {
  const context = fakeBuildContext(new FakeEngine(), await temporaryDirectory());
  const first = await build(sampleJob(), context);
  return { context, first, again: new FakeEngine() };
}

describe("a build that is verified", () => {
  it("passes where it comes out the same, and leaves nothing of the second", async () => {
    const { context, first, again } = await setUp();
    const before = await readdir(context.layouts);
    await verifyBuild(first, {}, again, context);
    expect(again.log).toEqual(["build node-22"]);
    expect(await readdir(context.layouts)).toEqual(before);
  });

  it("fails where it does not, and names the files", async () => {
    const { context, first, again } = await setUp();
    again.image = (request) => {
      const image = sampleImage(request);
      return { ...image, files: { ...image.files, "var/log/apk.log": "12:34" } };
    };
    await expect(verifyBuild(first, {}, again, context)).rejects.toThrow(
      /node:22 is not reproducible[\s\S]*linux\/\w+: var\/log\/apk.log: only in the second/,
    );
  });
});
