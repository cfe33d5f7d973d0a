import { describe, expect, it } from "vitest";
import { heldPlatforms, type JudgeSession, openPlatformJudge } from "../../../scripts/app/judge-platforms.ts";
import type { Runnable } from "../../../scripts/engine/runnable.ts";
import { apkArchitecture, hostPlatform, PLATFORMS, type Platform } from "../../../scripts/model/platform.ts";
import type { Answer, PackagesByName, Upstream } from "../../../scripts/upstream/upstream.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const FOREIGN: Platform = hostPlatform() === "linux/amd64" ? "linux/arm64" : "linux/amd64";
const runtime = sampleTarget({ platforms: PLATFORMS });
const dev = sampleTarget({ platforms: PLATFORMS, variant: "dev" });
const NODE: PackagesByName = new Map([
  ["nodejs", [{ ...samplePackage, name: "nodejs", version: "22.16.0-r2" }]],
]);

/** A world whose mirror has this for the foreign platform, and an engine that runs these platforms. */
function world(
  foreign: Answer<PackagesByName | undefined>,
  runs?: readonly Platform[],
  chosen?: readonly Platform[],
) {
  const asked: string[] = [];
  const upstream: Pick<Upstream, "packages" | "missing" | "basePlatforms"> = {
    missing: async () => ({ value: [] }),
    async packages(branch, architecture) {
      asked.push(`${branch} ${architecture}`);
      return architecture === apkArchitecture(FOREIGN) ? foreign : { value: NODE };
    },
    basePlatforms: async () => ({ value: [hostPlatform()] }),
  };
  const runnable: Runnable | undefined = runs && {
    platforms: runs,
    by: "this machine",
    advice: () => "emulate",
  };
  const session: JudgeSession = {
    chosenPlatforms: chosen,
    async runnable() {
      asked.push("engine");
      return runnable;
    },
  };
  return { asked, judge: openPlatformJudge(session, upstream as Upstream), upstream };
}

describe("a judge of platforms", () => {
  it("lets a runtime image be built for any platform that has its packages, and asks no engine", async () => {
    const { judge, asked } = world({ value: NODE });
    expect(await judge.aim(runtime, [])).toEqual({ platforms: PLATFORMS, unavailable: [] });
    expect(asked).toEqual([`3.22 ${apkArchitecture(FOREIGN)}`]);
  });

  it("asks for each branch once", async () => {
    const { judge, asked } = world({ value: NODE });
    await Promise.all([judge.aim(runtime, []), judge.aim(sampleTarget({ ...runtime, image: "npm" }), [])]);
    expect(asked).toHaveLength(1);
  });

  it("leaves out a platform whose packages are not there, with the reason", async () => {
    const { judge } = world({ value: new Map() });
    expect(await judge.aim(runtime, [])).toEqual({
      platforms: [hostPlatform()],
      unavailable: [
        { platform: FOREIGN, because: `v3.22/${apkArchitecture(FOREIGN)} lacks nodejs`, isUnknown: false },
      ],
    });
  });

  it("leaves out a platform for which the mirror lacks a repository: apk would not go on", async () => {
    const { judge, upstream } = world({ value: NODE });
    upstream.missing = async (_, architecture) => ({
      value: architecture === apkArchitecture(FOREIGN) ? ["community"] : [],
    });
    expect((await judge.aim(runtime, [])).unavailable).toEqual([
      { platform: FOREIGN, because: "the mirror has no community of v3.22 for it", isUnknown: false },
    ]);
    expect(await judge.missing("3.22", hostPlatform())).toEqual([]);
    upstream.missing = async () => ({ problem: "away" });
    expect(await judge.missing("3.22", FOREIGN)).toEqual([]);
  });

  it("asks for nothing where the tag has all that is wanted", async () => {
    const { judge, asked } = world({ value: new Map() });
    expect(await judge.aim(dev, PLATFORMS)).toEqual({ platforms: PLATFORMS, unavailable: [] });
    expect(asked).toEqual([]);
  });

  it("needs an engine that runs the platform for a dev image, and a base image of it", async () => {
    const { judge } = world({ value: NODE }, [hostPlatform()]);
    expect((await judge.aim(dev, [])).unavailable).toMatchObject([
      {
        because: expect.stringContaining("which this machine cannot run"),
        advice: "emulate",
        isUnknown: false,
      },
    ]);
    const emulated = world({ value: NODE }, PLATFORMS);
    expect((await emulated.judge.aim(dev, [])).unavailable).toMatchObject([
      { because: "the base image of 3.22 is not there for it" },
    ]);
    emulated.upstream.basePlatforms = async () => ({ value: PLATFORMS });
    expect((await emulated.judge.aim(dev, [])).platforms).toEqual(PLATFORMS);
  });

  it("says so where it cannot be found out", async () => {
    const noEngine = await world({ value: NODE }).judge.aim(dev, []);
    expect(noEngine.unavailable).toMatchObject([{ platform: FOREIGN, isUnknown: true }]);
    const noMirror = await world({ problem: "mirror away" }).judge.aim(runtime, []);
    expect(noMirror.unavailable).toEqual([{ platform: FOREIGN, because: "mirror away", isUnknown: true }]);
  });

  it("builds no platform that --platform leaves out, this machine's own neither", async () => {
    const { judge } = world({ value: NODE }, PLATFORMS, [FOREIGN]);
    expect(await judge.aim(runtime, [])).toMatchObject({ platforms: [FOREIGN] });
    const verdicts = await judge.verdictsOn(runtime, PLATFORMS);
    expect(verdicts.get(hostPlatform())).toMatchObject({
      kind: "cannot",
      because: "--platform leaves it out",
    });
  });
});

describe("heldPlatforms", () => {
  it("are those of the tag that the catalog still wants", () => {
    const published = { digest: "sha256:1", inputs: undefined, platforms: PLATFORMS };
    expect(heldPlatforms(runtime, published)).toEqual(PLATFORMS);
    expect(heldPlatforms(sampleTarget({ platforms: [FOREIGN] }), published)).toEqual([FOREIGN]);
    expect(heldPlatforms(runtime, undefined)).toEqual([]);
  });
});
