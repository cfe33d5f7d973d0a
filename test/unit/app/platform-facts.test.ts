import { describe, expect, it } from "vitest";
import { findObstacles } from "../../../scripts/app/make-plan.ts";
import { openPlatformFacts } from "../../../scripts/app/platform-facts.ts";
import { exitCodeOf } from "../../../scripts/app/result.ts";
import type { Runnable } from "../../../scripts/engine/runnable.ts";
import { apkArchitecture, PLATFORMS, type Platform } from "../../../scripts/model/platform.ts";
import { isDue, type PlannedTarget, withoutAway } from "../../../scripts/plan/plan.ts";
import type { PlatformRequest } from "../../../scripts/plan/platforms.ts";
import { planText } from "../../../scripts/report/plan-text.ts";
import type { Answer, PackagesByName, Upstream } from "../../../scripts/upstream/upstream.ts";
import { samplePlanned, sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");
const HOST: Platform = "linux/amd64";
const FOREIGN: Platform = "linux/arm64";
const CATALOG = {
  sources: { base: "registry.example/alpine", packages: "https://packages.example/alpine" },
  branches: { "3.22": { eol: "2027-05-01" } },
};
const { runtime, dev } = sampleRelease({ platforms: PLATFORMS });

function packages(version: string): Answer<PackagesByName> {
  return { value: new Map([["nodejs", [{ ...samplePackage, name: "nodejs", version }]]]) };
}
const NODE = packages("22.16.0-r2");

/** What Alpine has for each platform, and the engine, which runs these; all that is asked is written down. */
function world(
  answers: Partial<Readonly<Record<Platform, Answer<PackagesByName | undefined>>>> = {},
  runs?: readonly Platform[],
) {
  const asked: string[] = [];
  const platformOf = (architecture: string) =>
    PLATFORMS.find((one) => apkArchitecture(one) === architecture) ?? HOST;
  const upstream: Pick<Upstream, "packages" | "missing" | "basePlatforms"> = {
    async packages(branch, architecture) {
      asked.push(`${branch} ${architecture}`);
      return answers[platformOf(architecture)] ?? NODE;
    },
    missing: async () => ({ value: [] }),
    async basePlatforms(branch) {
      asked.push(`base ${branch}`);
      return { value: PLATFORMS };
    },
  };
  const runnable = async (): Promise<Runnable | undefined> => {
    asked.push("engine");
    return runs && { platforms: runs, by: "this machine", advice: () => "emulate" };
  };
  return { asked, upstream, ask: openPlatformFacts(upstream, runnable, HOST) };
}

describe("what is known of platforms", () => {
  it("is what Alpine has, of a runtime image without asking an engine", async () => {
    const { ask, asked } = world();
    const facts = await ask(runtime, [FOREIGN]);
    expect(facts).toEqual(
      new Map([[FOREIGN, { offer: new Map([["nodejs", ["22.16.0-r2"]]]), missing: [] }]]),
    );
    expect(asked).toEqual(["3.22 aarch64"]);
  });

  it("is asked once for each branch and platform", async () => {
    const { ask, asked } = world();
    await Promise.all([ask(runtime, PLATFORMS), ask(sampleTarget({ image: "npm" }), [FOREIGN])]);
    expect(asked).toEqual(["3.22 x86_64", "3.22 aarch64"]);
  });

  it("is for dev images what the engine runs, and the base image where it does", async () => {
    const without = world({}, [HOST]);
    expect((await without.ask(dev, [FOREIGN])).get(FOREIGN)).toMatchObject({
      engine: { runnable: { platforms: [HOST] } },
    });
    expect(without.asked).toEqual(["3.22 aarch64", "engine"]);
    const emulated = world({}, PLATFORMS);
    expect((await emulated.ask(dev, [FOREIGN])).get(FOREIGN)).toMatchObject({
      engine: { base: { value: PLATFORMS } },
    });
    expect(emulated.asked).toEqual(["3.22 aarch64", "engine", "base 3.22"]);
  });

  it("asks no engine for this machine's own platform, nor where packages lack", async () => {
    const { ask, asked } = world({ [FOREIGN]: packages("24.0.0-r0") }, PLATFORMS);
    await ask(dev, PLATFORMS);
    expect(asked).toEqual(["3.22 x86_64", "3.22 aarch64"]);
  });

  it("tells what the mirror lacks, and why it could not be asked", async () => {
    const { ask, upstream } = world({ [FOREIGN]: { problem: "mirror away" }, [HOST]: { value: undefined } });
    upstream.missing = async () => ({ value: ["community"] });
    const facts = await ask(runtime, PLATFORMS);
    expect(facts.get(HOST)).toEqual({ offer: undefined, missing: ["community"] });
    expect(facts.get(FOREIGN)).toEqual({ problem: "mirror away" });
    upstream.missing = async () => ({ problem: "away" });
    expect((await ask(runtime, [HOST])).get(HOST)).toMatchObject({ missing: [] });
  });
});

function due(target: PlannedTarget["target"], changes: Partial<PlannedTarget> = {}): PlannedTarget {
  return samplePlanned(target, { reasons: [{ kind: "asked" }], ...changes });
}

function requestsFor(planned: readonly PlannedTarget[], has: readonly Platform[]): PlatformRequest[] {
  return planned.map(({ target, support }) => ({
    ...{ target, host: HOST, chosen: undefined, support },
    published: { digest: "sha256:1", inputs: {}, platforms: has },
  }));
}

const textsOf = (planned: readonly PlannedTarget[]) => planned.map(({ obstacle }) => obstacle?.text);

describe("findObstacles", () => {
  const both = [due(runtime), due(dev)];
  const find = (ask: ReturnType<typeof world>["ask"], planned = both, catalog = CATALOG) =>
    findObstacles(planned, requestsFor(planned, PLATFORMS), ask, catalog);

  it("finds none where all that the tag has can be built, and asks nothing of what is not due", async () => {
    expect(textsOf(await find(world({}, PLATFORMS).ask))).toEqual([undefined, undefined]);
    const { ask, asked } = world();
    await find(ask, [samplePlanned(runtime)]);
    expect(asked).toEqual([]);
  });

  it("keeps a tag from losing a platform, with its pair", async () => {
    const found = await find(world({ [FOREIGN]: { value: new Map() } }).ask);
    expect(found.map(({ obstacle }) => obstacle?.excused)).toEqual([false, false]);
    expect(textsOf(found)[0]).toContain(
      "which cannot be built now: v3.22/aarch64 lacks nodejs; take the platform out",
    );
  });

  it("looks at this machine's own platform though it is not built for it: smoke tests run on it", async () => {
    const { ask } = world({ [HOST]: packages("24.1.0-r0") });
    const found = await find(ask, [due(runtime, { platforms: [FOREIGN] })]);
    expect(textsOf(found)).toEqual(["v3.22 has nodejs 24.1.0-r0, no 22"]);
  });

  it("notes what a mirror of a part of Alpine lacks, where nobody knows whether Alpine has it", async () => {
    const some = due(sampleTarget({ world: ["nodejs~22", "no-such-package"], platforms: PLATFORMS }), {
      notes: ["first"],
    });
    const part = { ...CATALOG, sources: { ...CATALOG.sources, mayLack: new Set(["npm"]) } };
    const [found] = await findObstacles([some], requestsFor([some], [HOST]), world().ask, part);
    expect(found?.notes).toEqual([
      "first",
      "v3.22 has no no-such-package; if Alpine has it, this mirror does not",
    ]);
    const [whole] = await findObstacles([due(runtime)], requestsFor([some], [HOST]), world().ask, part);
    expect(whole?.notes).toBeUndefined();
  });
});

describe("a mirror that is away or lacks a repository", () => {
  const away = { problem: "http://mirror.example: no answer: connect ECONNREFUSED" };
  const both = [due(runtime), due(dev)];

  it.each([
    ["for this machine", HOST],
    ["for a platform that the tag has", FOREIGN],
  ])("keeps everything of its branch from being begun: %s", async (_, platform) => {
    const { ask } = world({ [platform]: away });
    const found = await findObstacles(both, requestsFor(both, PLATFORMS), ask, CATALOG);
    expect(found.filter((one) => isDue(one))).toEqual([]);
    expect(found.map(({ obstacle }) => obstacle)).toEqual([
      { text: away.problem, excused: false, isUnknown: true },
      { text: away.problem, excused: false, isUnknown: true },
    ]);
    expect(exitCodeOf(found, [])).toBe(1);
    // The cause once, and not as a mistake of the catalog.
    const text = planText(found, TODAY);
    expect(text.split("ECONNREFUSED")).toHaveLength(2);
    expect(text).toContain("not started: node:22, node:22-dev: http://mirror.example");
    expect(text).not.toContain("catalog.yaml");
    expect(text).toMatch(/^Nothing could be started: 0 targets up to date, 2 not started\.$/m);
    const compared = found.map((one) => ({
      ...one,
      offered: { packages: new Map(), fixes: new Map(), unknown: [away.problem] },
    }));
    expect(planText(compared, TODAY).split("ECONNREFUSED")).toHaveLength(2);
    expect(planText(compared, TODAY)).toContain("not started: node:22, node:22-dev: what it is built from");
  });

  it("lets what was built before be published", () => {
    const obstacle = { text: away.problem, excused: false, isUnknown: true as const };
    expect(isDue(withoutAway(due(runtime, { obstacle })))).toBe(true);
    expect(isDue(withoutAway(due(runtime, { obstacle: { text: "no", excused: false } })))).toBe(false);
  });

  it("is a mistake of the catalog where a repository is missing that it takes packages from", async () => {
    const half = world({}, PLATFORMS);
    half.upstream.missing = async (_, architecture) => ({
      value: architecture === apkArchitecture(HOST) ? ["community"] : [],
    });
    const found = await findObstacles(both, requestsFor(both, []), half.ask, CATALOG);
    expect(textsOf(found)).toEqual([
      expect.stringContaining('"3.22": { eol: 2027-05-01, repositories: [main] }'),
      expect.stringContaining('"3.22": { eol: 2027-05-01, repositories: [main] }'),
    ]);
    expect(exitCodeOf(found, [])).toBe(2);
  });
});
