import { describe, expect, it } from "vitest";
import type { Platform } from "../../../scripts/model/platform.ts";
import { platformLack } from "../../../scripts/plan/availability.ts";
import { offerOf } from "../../../scripts/plan/offer.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { aimOf, groupUnavailable, lossOf, type Verdict } from "../../../scripts/plan/platforms.ts";
import { sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const BOTH: readonly Platform[] = ["linux/amd64", "linux/arm64"];
const target = sampleTarget({ platforms: BOTH });
const CANNOT: Verdict = { kind: "cannot", because: "v3.22 has no nodejs", advice: "wait" };
const UNKNOWN: Verdict = { kind: "unknown", because: "the mirror is away" };

function verdicts(arm64: Verdict): ReadonlyMap<Platform, Verdict> {
  return new Map([
    ["linux/amd64", { kind: "can" }],
    ["linux/arm64", arm64],
  ]);
}

describe("aimOf", () => {
  it("is all that the catalog wants, where all can be built", () => {
    expect(aimOf(target, [], verdicts({ kind: "can" }))).toEqual({ platforms: BOTH, unavailable: [] });
  });

  it("leaves out what cannot be built, or nobody knows of, and the tag never had", () => {
    const without = {
      platform: "linux/arm64",
      because: "v3.22 has no nodejs",
      advice: "wait",
      isUnknown: false,
    };
    expect(aimOf(target, ["linux/amd64"], verdicts(CANNOT))).toEqual({
      platforms: ["linux/amd64"],
      unavailable: [without],
    });
    expect(aimOf(target, [], verdicts(UNKNOWN))).toEqual({
      platforms: ["linux/amd64"],
      unavailable: [{ platform: "linux/arm64", because: "the mirror is away", isUnknown: true }],
    });
  });

  it("keeps what the tag has, whatever this machine can do", () => {
    expect(aimOf(target, BOTH, verdicts(CANNOT))).toEqual({ platforms: BOTH, unavailable: [] });
  });

  it("drops what the catalog no longer wants", () => {
    const amd64 = sampleTarget({ platforms: ["linux/amd64"] });
    expect(aimOf(amd64, BOTH, new Map()).platforms).toEqual(["linux/amd64"]);
  });
});

describe("lossOf", () => {
  it("is what a rebuild would take from the tag, with what to do about it", () => {
    expect(lossOf(verdicts(CANNOT))).toEqual({
      text:
        "its tag has linux/arm64, which cannot be built now: v3.22 has no nodejs; " +
        "wait, or take the platform out of the catalog",
      excused: false,
    });
  });

  it("is nothing where all can be built, or where only the build will tell", () => {
    expect(lossOf(verdicts({ kind: "can" }))).toBeUndefined();
    expect(lossOf(verdicts(UNKNOWN))).toBeUndefined();
  });
});

describe("platformLack", () => {
  const offer = offerOf([{ ...samplePackage, name: "nodejs", version: "22.16.0-r2" }]);

  it("is nothing where every item of the world is there", () => {
    expect(
      platformLack(sampleTarget({ world: ["nodejs~22", "!npm"] }), offer, "linux/arm64"),
    ).toBeUndefined();
  });

  it("names all that is not, whether or not a mirror may lack it", () => {
    expect(platformLack(sampleTarget({ world: ["nodejs~23", "npm"] }), offer, "linux/arm64")).toBe(
      "v3.22/aarch64 lacks npm; has nodejs 22.16.0-r2, no 23",
    );
    expect(platformLack(sampleTarget({ world: ["a", "b", "c", "d", "e"] }), offer, "linux/arm64")).toBe(
      "v3.22/aarch64 lacks a, b, c; 2 more",
    );
    expect(platformLack(sampleTarget(), undefined, "linux/arm64")).toBe("the mirror has no v3.22 for it");
  });
});

describe("groupUnavailable", () => {
  it("says each reason once, that of most targets first", () => {
    const node = sampleRelease();
    const lua = sampleRelease({ image: "lua", version: "5.4" });
    const planned = (one: PlannedTarget["target"], because: string): PlannedTarget => ({
      ...{ target: one, inputs: {}, published: undefined, reasons: [], held: [], support: "supported" },
      unavailable: [{ platform: "linux/arm64", because, isUnknown: false }],
    });
    expect(
      groupUnavailable([
        planned(node.runtime, "no nodejs"),
        planned(node.dev, "no emulator"),
        planned(lua.dev, "no emulator"),
      ]),
    ).toEqual([
      { platform: "linux/arm64", because: "no emulator", targets: ["node:22-dev", "lua:5.4-dev"] },
      { platform: "linux/arm64", because: "no nodejs", targets: ["node:22"] },
    ]);
  });
});
