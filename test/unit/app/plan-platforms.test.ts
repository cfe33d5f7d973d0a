import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../../scripts/app/exit-code.ts";
import type { PlatformJudge } from "../../../scripts/app/judge-platforms.ts";
import { aimsOf, findObstacles } from "../../../scripts/app/plan-platforms.ts";
import { hostPlatform, PLATFORMS, type Platform } from "../../../scripts/model/platform.ts";
import type { Published } from "../../../scripts/model/published.ts";
import { offerOf } from "../../../scripts/plan/offer.ts";
import { isDue, type PlannedTarget, withoutAway } from "../../../scripts/plan/plan.ts";
import { aimOf, type Verdict } from "../../../scripts/plan/platforms.ts";
import { planText } from "../../../scripts/report/plan-text.ts";
import { sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");
const SOURCES = {
  sources: { base: "registry.example/alpine", packages: "https://packages.example/alpine" },
  branches: {},
};
const CANNOT: Verdict = { kind: "cannot", because: "v3.22 has no nodejs" };
const { runtime, dev } = sampleRelease({ platforms: PLATFORMS });

/** A judge of a mirror whose packages for the foreign platform come to this. */
function judge(foreign: Verdict, nodejs = "22.16.0-r2"): PlatformJudge {
  const verdicts = (platforms: readonly Platform[]): ReadonlyMap<Platform, Verdict> =>
    new Map(platforms.map((one) => [one, one === hostPlatform() ? { kind: "can" } : foreign]));
  return {
    aim: async (target, held) => aimOf(target, held, verdicts(target.platforms)),
    verdictsOn: async (_, platforms) => verdicts(platforms),
    missing: async () => [],
    offer: async () => offerOf([{ ...samplePackage, name: "nodejs", version: nodejs }]),
  };
}

function published(platforms: readonly Platform[]): ReadonlyMap<string, Published> {
  const images = [runtime, dev].map(
    ({ name }) => [name, { digest: "sha256:1", inputs: {}, platforms }] as const,
  );
  return new Map(images);
}

function due(target: PlannedTarget["target"]): PlannedTarget {
  return {
    ...{ target, inputs: {}, published: undefined, held: [], support: "supported" },
    reasons: [{ kind: "asked" }],
  };
}

describe("aimsOf", () => {
  it("leaves an archived image as it is, whatever could be had by now", async () => {
    const archived = sampleTarget({ platforms: PLATFORMS, endOfLife: "2025-01-01" });
    const aims = await aimsOf([archived], published([hostPlatform()]), judge({ kind: "can" }), TODAY);
    expect(aims.get(archived.name)).toEqual({ platforms: [hostPlatform()], unavailable: [] });
  });

  it("aims at all that can be built where nothing is published", async () => {
    const archived = sampleTarget({ platforms: PLATFORMS, endOfLife: "2025-01-01" });
    const aims = await aimsOf([archived, dev], new Map(), judge({ kind: "can" }), TODAY);
    expect([...aims.values()].map(({ platforms }) => platforms)).toEqual([PLATFORMS, PLATFORMS]);
  });
});

const textsOf = (planned: readonly PlannedTarget[]) => planned.map(({ obstacle }) => obstacle?.text);

describe("findObstacles", () => {
  it("finds none where all that the tag has can be built", async () => {
    const found = await findObstacles(
      [due(runtime), due(dev)],
      published(PLATFORMS),
      judge({ kind: "can" }),
      SOURCES,
    );
    expect(textsOf(found)).toEqual([undefined, undefined]);
  });

  it("keeps a tag from losing a platform, with its pair", async () => {
    const found = await findObstacles([due(runtime), due(dev)], published(PLATFORMS), judge(CANNOT), SOURCES);
    expect(found.map(({ obstacle }) => obstacle?.excused)).toEqual([false, false]);
    expect(textsOf(found)[0]).toContain(
      "which cannot be built now: v3.22 has no nodejs; take the platform out",
    );
  });

  it("lets a tag that never had it be rebuilt without", async () => {
    const half = { ...runtime, platforms: [hostPlatform()] };
    const found = await findObstacles([due(half)], published([hostPlatform()]), judge(CANNOT), SOURCES);
    expect(textsOf(found)).toEqual([undefined]);
  });

  it("says first what this machine's own platform lacks", async () => {
    const wrong = judge(CANNOT, "24.1.0-r0");
    const found = await findObstacles([due(runtime)], published(PLATFORMS), wrong, SOURCES);
    expect(textsOf(found)).toEqual(["v3.22 has nodejs 24.1.0-r0, no 22"]);
  });

  it("excuses what can be built for no platform at all", async () => {
    const none = {
      ...due({ ...runtime, platforms: [] }),
      unavailable: [{ platform: "linux/arm64", because: "no emulator", isUnknown: false }] as const,
    };
    const [found] = await findObstacles([none], new Map(), judge(CANNOT), SOURCES);
    expect(found?.obstacle).toEqual({ text: "linux/arm64: no emulator", excused: true });
  });
});

describe("a mirror that is away or lacks a repository", () => {
  const away = { problem: "http://mirror.example: no answer: connect ECONNREFUSED" };
  const FOREIGN = PLATFORMS.find((one) => one !== hostPlatform()) ?? hostPlatform();

  it.each([
    ["for this machine", hostPlatform()],
    ["for a platform that the tag has", FOREIGN],
  ])("keeps everything of its branch from being begun: %s", async (_, platform) => {
    const known = judge({ kind: "can" });
    const gone: PlatformJudge = {
      ...known,
      offer: async (branch, asked) => (asked === platform ? away : known.offer(branch, asked)),
    };
    const found = await findObstacles([due(runtime), due(dev)], published(PLATFORMS), gone, SOURCES);
    expect(found.filter((one) => isDue(one))).toEqual([]);
    expect(found.map(({ obstacle }) => obstacle)).toEqual([
      { text: away.problem, excused: false, isUnknown: true },
      { text: away.problem, excused: false, isUnknown: true },
    ]);
    expect(exitCodeOf(found, [])).toBe(1);
    // The cause once, and not as a mistake of the catalog.
    const text = planText(found, TODAY);
    expect(text.split("ECONNREFUSED")).toHaveLength(2);
    expect(text).toContain("not begun: node:22, node:22-dev: http://mirror.example");
    expect(text).not.toContain("catalog.yaml");
    expect(text).toMatch(/^Nothing could be begun: 0 targets up to date, 2 not begun\.$/m);
    const compared = found.map((one) => ({
      ...one,
      offered: { packages: new Map(), fixes: new Map(), unknown: [away.problem] },
    }));
    expect(planText(compared, TODAY).split("ECONNREFUSED")).toHaveLength(2);
    expect(planText(compared, TODAY)).toContain("not begun: node:22, node:22-dev: what it is made of");
  });

  it("lets what was built before be published", () => {
    const held = {
      ...due(runtime),
      obstacle: { text: away.problem, excused: false, isUnknown: true as const },
    };
    expect(isDue(withoutAway(held))).toBe(true);
    const mistaken = { ...due(runtime), obstacle: { text: "no", excused: false } };
    expect(isDue(withoutAway(mistaken))).toBe(false);
  });

  it("is a mistake of the catalog where a repository is missing that it takes packages from", async () => {
    const half: PlatformJudge = { ...judge({ kind: "can" }), missing: async () => ["community"] };
    const catalog = { ...SOURCES, branches: { "3.22": { eol: "2027-05-01" } } };
    const found = await findObstacles([due(runtime), due(dev)], new Map(), half, catalog);
    expect(textsOf(found)).toEqual([
      expect.stringContaining('"3.22": { eol: 2027-05-01, repositories: [main] }'),
      expect.stringContaining('"3.22": { eol: 2027-05-01, repositories: [main] }'),
    ]);
    expect(exitCodeOf(found, [])).toBe(2);
    const lacking: PlatformJudge = {
      ...judge({ kind: "can" }, "24.0.0-r0"),
      missing: async () => ["community"],
    };
    const [first] = await findObstacles([due(runtime)], new Map(), lacking, catalog);
    expect(first?.obstacle?.text).toBe(
      "v3.22 has nodejs 24.0.0-r0, no 22; the mirror has no community of v3.22",
    );
  });
});
