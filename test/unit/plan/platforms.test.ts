import { describe, expect, it } from "vitest";
import type { Runnable } from "../../../scripts/engine/runnable.ts";
import type { Platform } from "../../../scripts/model/platform.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { platformLack } from "../../../scripts/plan/availability.ts";
import { offerOf } from "../../../scripts/plan/offer.ts";
import {
  choosePlatforms,
  type EngineFacts,
  groupSkipped,
  keptPlatforms,
  type PlatformFacts,
  type PlatformRequest,
  platformObstacle,
  platformsToAsk,
  wantedPlatforms,
} from "../../../scripts/plan/platforms.ts";
import { samplePlanned, sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const BOTH: readonly Platform[] = ["linux/amd64", "linux/arm64"];
const HOST: Platform = "linux/amd64";
const { runtime, dev } = sampleRelease({ platforms: BOTH });
const NODE = offerOf([{ ...samplePackage, name: "nodejs", version: "22.16.0-r2" }]);
const CATALOG = {
  sources: { base: "registry.example/alpine", packages: "https://packages.example/alpine" },
  branches: { "3.22": { eol: "2027-05-01" } },
};

function request(target: Target, changes: Partial<PlatformRequest> = {}): PlatformRequest {
  return { target, host: HOST, chosen: undefined, published: undefined, support: "supported", ...changes };
}

/** What a tag has. */
function has(...platforms: Platform[]) {
  return { published: { digest: "sha256:1", inputs: {}, platforms } };
}

/** An engine that runs these platforms. */
function runs(...platforms: Platform[]): Runnable {
  return { platforms, by: "this machine", advice: (platform) => `emulate ${platform}` };
}

const THERE = { offer: NODE, missing: [] };
const GONE: PlatformFacts = { problem: "the mirror is away" };
const arm64 = (facts: PlatformFacts) => new Map([["linux/arm64", facts] as const]);
const skippedOf = (one: PlatformRequest, facts: PlatformFacts) => choosePlatforms(one, arm64(facts)).skipped;

describe("the choice of platforms", () => {
  it("is all that the catalog wants, in its order, where all can be built", () => {
    expect(choosePlatforms(request(runtime), arm64(THERE))).toEqual({ platforms: BOTH, skipped: [] });
    const turned = request(sampleTarget({ platforms: ["linux/arm64", "linux/amd64"] }));
    expect(choosePlatforms(turned, arm64(THERE)).platforms).toEqual(["linux/arm64", "linux/amd64"]);
  });

  it("skips a platform whose packages are not there, or nobody knows of, and the tag never had", () => {
    const lacks = { platform: "linux/arm64", because: "v3.22/aarch64 lacks nodejs", isUnknown: false };
    const without = { platforms: ["linux/amd64"], skipped: [lacks] };
    const nothing = arm64({ offer: new Map(), missing: [] });
    expect(choosePlatforms(request(runtime), nothing)).toEqual(without);
    expect(choosePlatforms(request(runtime, has("linux/amd64")), nothing)).toEqual(without);
    expect(choosePlatforms(request(runtime), arm64(GONE))).toEqual({
      platforms: ["linux/amd64"],
      skipped: [{ platform: "linux/arm64", because: "the mirror is away", isUnknown: true }],
    });
  });

  it("skips one for which the mirror lacks a repository: apk would not go on", () => {
    expect(skippedOf(request(runtime), { offer: NODE, missing: ["main", "community"] })).toEqual([
      {
        platform: "linux/arm64",
        because: "the mirror has no main and community of v3.22 for it",
        isUnknown: false,
      },
    ]);
  });

  it("skips what nobody was asked about, as not known", () => {
    expect(choosePlatforms(request(runtime), new Map()).skipped).toEqual([
      { platform: "linux/arm64", because: "nothing was asked about linux/arm64", isUnknown: true },
    ]);
  });

  it("needs an engine that runs the platform for a dev image, and a base image of it", () => {
    const engine = (runnable: Runnable | undefined, base?: EngineFacts["base"]) =>
      skippedOf(request(dev), { ...THERE, engine: { runnable, ...(base && { base }) } });
    expect(engine(runs("linux/amd64"))).toEqual([
      {
        platform: "linux/arm64",
        because: "a dev image is built by programs of its own platform, which this machine cannot run",
        advice: "emulate linux/arm64",
        isUnknown: false,
      },
    ]);
    expect(engine(undefined)).toMatchObject([
      { because: "no engine is installed that could be asked whether it runs it", isUnknown: true },
    ]);
    expect(engine(runs(...BOTH), { value: ["linux/amd64"] })).toEqual([
      { platform: "linux/arm64", because: "the base image of 3.22 is not there for it", isUnknown: false },
    ]);
    expect(engine(runs(...BOTH))).toMatchObject([{ isUnknown: false }]);
    expect(engine(runs(...BOTH), { problem: "registry away" })).toEqual([
      { platform: "linux/arm64", because: "registry away", isUnknown: true },
    ]);
    expect(engine(runs(...BOTH), { value: BOTH })).toEqual([]);
  });

  it("keeps what the tag has, whatever this machine can do", () => {
    expect(choosePlatforms(request(runtime, has(...BOTH)), new Map())).toEqual({
      platforms: BOTH,
      skipped: [],
    });
    expect(keptPlatforms(request(runtime, has(...BOTH)))).toEqual(BOTH);
    expect(keptPlatforms(request(runtime))).toEqual([]);
  });

  it("drops what the catalog no longer wants", () => {
    const amd64 = sampleTarget({ platforms: ["linux/amd64"] });
    expect(choosePlatforms(request(amd64, has(...BOTH)), new Map()).platforms).toEqual(["linux/amd64"]);
    expect(keptPlatforms(request(amd64, has(...BOTH)))).toEqual(["linux/amd64"]);
  });

  it("leaves an archived image as it is, whatever could be had by now", () => {
    const archived = { support: "archived" } as const;
    expect(choosePlatforms(request(runtime, { ...archived, ...has(HOST) }), arm64(THERE))).toEqual({
      platforms: [HOST],
      skipped: [],
    });
    expect(choosePlatforms(request(runtime, archived), arm64(THERE)).platforms).toEqual(BOTH);
  });

  it("builds no platform that --platform leaves out, this machine's own neither, and none is lost by it", () => {
    const chosen: readonly Platform[] = ["linux/arm64"];
    expect(choosePlatforms(request(runtime, { chosen }), arm64(THERE))).toEqual({
      platforms: ["linux/arm64"],
      skipped: [
        {
          platform: HOST,
          because: "--platform leaves it out",
          advice: "name it there too",
          isUnknown: false,
        },
      ],
    });
    const whole = request(runtime, { chosen, ...has(...BOTH) });
    expect(choosePlatforms(whole, new Map()).platforms).toEqual(BOTH);
  });

  it("adds a platform that --platform names and the catalog does not want", () => {
    const amd64 = sampleTarget({ platforms: ["linux/amd64"] });
    expect(choosePlatforms(request(amd64, { chosen: BOTH }), arm64(THERE)).platforms).toEqual(BOTH);
    // And none that neither of them names.
    expect(wantedPlatforms(amd64, ["linux/amd64"])).toEqual(["linux/amd64"]);
  });
});

describe("what must be asked about", () => {
  it("is no platform that the tag has, nor this machine's own, nor one that --platform leaves out", () => {
    expect(platformsToAsk(request(runtime))).toEqual(["linux/arm64"]);
    expect(platformsToAsk(request(runtime, { host: "linux/arm64" }))).toEqual(["linux/amd64"]);
    expect(platformsToAsk(request(runtime, has(...BOTH)))).toEqual([]);
    expect(platformsToAsk(request(runtime, { chosen: [HOST] }))).toEqual([]);
    expect(platformsToAsk(request(runtime, { chosen: ["linux/arm64"] }))).toEqual(["linux/arm64"]);
    expect(platformsToAsk(request(runtime, { support: "archived", ...has(HOST) }))).toEqual([]);
  });
});

describe("what keeps a target from being rebuilt for its platforms", () => {
  const obstacle = (own: PlatformFacts, foreign: PlatformFacts, changes: Partial<PlatformRequest> = {}) =>
    platformObstacle(
      samplePlanned(runtime),
      request(runtime, { ...has(...BOTH), ...changes }),
      new Map([
        ["linux/amd64", own],
        ["linux/arm64", foreign],
      ]),
      CATALOG,
    );

  it("is nothing where all that the tag has can be built, or where only the build will tell", () => {
    expect(obstacle(THERE, THERE)).toBeUndefined();
    expect(obstacle(THERE, { offer: NODE, missing: [], engine: { runnable: undefined } })).toBeUndefined();
  });

  it("is what a rebuild would take from the tag, with what to do about it", () => {
    expect(obstacle(THERE, { offer: new Map(), missing: [] })).toEqual({
      text:
        "its tag has linux/arm64, which cannot be built now: v3.22/aarch64 lacks nodejs; " +
        "take the platform out of the catalog",
      excused: false,
    });
    expect(obstacle(THERE, THERE, { chosen: [HOST] })?.text).toBe(
      "its tag has linux/arm64, which cannot be built now: --platform leaves it out; " +
        "name it there too, or take the platform out of the catalog",
    );
    const both = obstacle(THERE, { offer: new Map(), missing: [] }, { chosen: ["linux/arm64"] });
    expect(both?.text).toMatch(/^its tag has linux\/amd64, .* catalog; its tag has linux\/arm64, /);
  });

  it("is nothing to a tag that never had it", () => {
    expect(obstacle(THERE, { offer: new Map(), missing: [] }, has(HOST))).toBeUndefined();
  });

  it("is first of all what this machine's own platform lacks", () => {
    const wrong = {
      offer: offerOf([{ ...samplePackage, name: "nodejs", version: "24.1.0-r0" }]),
      missing: [],
    };
    expect(obstacle(wrong, GONE)?.text).toBe("v3.22 has nodejs 24.1.0-r0, no 22");
  });

  it.each([
    ["for this machine", GONE, THERE],
    ["for a platform that it is built for", THERE, GONE],
  ])("is a mirror that is away %s", (_, own, foreign) => {
    const away = { text: "the mirror is away", excused: false, isUnknown: true };
    expect(obstacle(own, foreign)).toEqual(away);
  });

  it("is excused where no platform at all can be built", () => {
    const skipped = BOTH.map((platform) => ({ platform, because: "no emulator", isUnknown: false }));
    const none = samplePlanned(runtime, { platforms: [], skipped });
    expect(platformObstacle(none, request(runtime), new Map([[HOST, THERE]]), CATALOG)).toEqual({
      text: "linux/amd64: no emulator; linux/arm64: no emulator",
      excused: true,
    });
  });

  it("is a mistake of the catalog where a repository is missing that it takes packages from", () => {
    const half = { offer: NODE, missing: ["community"] } as const;
    expect(obstacle(half, THERE)?.text).toContain('"3.22": { eol: 2027-05-01, repositories: [main] }');
    const lacking = { offer: offerOf([]), missing: ["community"] } as const;
    expect(obstacle(lacking, THERE)?.text).toBe("v3.22 has no nodejs; the mirror has no community of v3.22");
    expect(obstacle({ ...lacking, missing: ["main", "community"] }, THERE)?.text).toBe(
      "v3.22 has no nodejs; the mirror has no main and community of v3.22",
    );
  });
});

describe("platformLack", () => {
  const lack = (world: readonly string[]) => platformLack(sampleTarget({ world }), "linux/arm64", THERE);

  it("is nothing where every item of the world is there", () => {
    expect(lack(["nodejs~22", "!npm"])).toBeUndefined();
  });

  it("names all that is not, whether or not a mirror may lack it", () => {
    expect(lack(["nodejs~23", "npm"])).toBe("v3.22/aarch64 lacks npm; has nodejs 22.16.0-r2, no 23");
    expect(lack(["nodejs~23"])).toBe("v3.22/aarch64 has nodejs 22.16.0-r2, no 23");
    expect(lack(["a", "b", "c", "d", "e"])).toBe("v3.22/aarch64 lacks a, b, c; 2 more");
    const none = { offer: undefined, missing: [] };
    expect(platformLack(sampleTarget(), "linux/arm64", none)).toBe("the mirror has no v3.22 for it");
  });

  it("asks for the modules of a Java runtime, which are linked on this machine, and not for its tools", () => {
    const java = sampleTarget({ world: ["nodejs", "musl"], jlink: ["java.base"], version: "21" });
    expect(platformLack(java, "linux/arm64", THERE)).toBe("v3.22/aarch64 lacks musl, openjdk21-jmods");
  });
});

describe("groupSkipped", () => {
  it("says each reason once, that of most targets first", () => {
    const node = sampleRelease();
    const lua = sampleRelease({ image: "lua", version: "5.4" });
    const planned = (one: Target, because: string) =>
      samplePlanned(one, { skipped: [{ platform: "linux/arm64", because, isUnknown: false }] });
    expect(
      groupSkipped([
        planned(node.runtime, "no nodejs"),
        planned(node.dev, "no emulator"),
        planned(lua.dev, "no emulator"),
        samplePlanned(lua.runtime),
      ]),
    ).toEqual([
      { platform: "linux/arm64", because: "no emulator", targets: ["node:22-dev", "lua:5.4-dev"] },
      { platform: "linux/arm64", because: "no nodejs", targets: ["node:22"] },
    ]);
  });

  it("keeps what to do about it, and apart what is of another platform", () => {
    const { runtime: one, dev: other } = sampleRelease();
    const skipped = { because: "no emulator", isUnknown: false };
    expect(
      groupSkipped([
        samplePlanned(one, { skipped: [{ ...skipped, platform: "linux/arm64", advice: "install qemu" }] }),
        samplePlanned(other, { skipped: [{ ...skipped, platform: "linux/amd64" }] }),
      ]),
    ).toEqual([
      { platform: "linux/arm64", because: "no emulator", advice: "install qemu", targets: ["node:22"] },
      { platform: "linux/amd64", because: "no emulator", targets: ["node:22-dev"] },
    ]);
  });
});
