import { describe, expect, it } from "vitest";
import { worldsOf } from "../../../scripts/app/remembered.ts";
import { hostPlatform, PLATFORMS } from "../../../scripts/model/platform.ts";
import type { Upstream } from "../../../scripts/upstream/upstream.ts";
import { sampleTarget } from "../../support/sample-target.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");
const target = sampleTarget({ platforms: PLATFORMS });

/** A mirror whose index for an architecture is of such an edition. */
function upstream(editions: Readonly<Record<string, string>>): Upstream {
  const asked: Pick<Upstream, "base" | "edition"> = {
    base: async () => ({ value: "sha256:base" }),
    edition: async (_, architecture) => ({ value: { digest: editions[architecture] ?? "", isKnown: true } }),
  };
  return asked as Upstream;
}

const worldOf = async (editions: Readonly<Record<string, string>>, identity = "us") =>
  (await worldsOf(identity, [target], upstream(editions), TODAY)).after;

describe("the world that a target is compared with", () => {
  const editions = { x86_64: "1", aarch64: "1" };

  it("is the same for what a plan made of it, with the platforms that could be built", async () => {
    const world = await worldOf(editions);
    expect(world(target)).toBeDefined();
    expect(world({ ...target, platforms: [hostPlatform()] })).toBe(world(target));
  });

  it("is another when a platform that it does without has got packages, or the machine an emulator", async () => {
    const before = (await worldOf(editions))(target);
    expect((await worldOf(editions))(target)).toBe(before);
    expect((await worldOf({ ...editions, aarch64: "2" }))(target)).not.toBe(before);
    expect((await worldOf(editions, "us, with an emulator"))(target)).not.toBe(before);
  });
});
