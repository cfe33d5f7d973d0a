import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostPlatform, PLATFORMS } from "../../scripts/model/platform.ts";
import { readPublished } from "../../scripts/publish/published.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { World } from "../support/world.ts";

const FOREIGN = PLATFORMS.find((platform) => platform !== hostPlatform()) ?? "linux/arm64";

/** Lua on the branch that the sandbox has packages of both architectures for. */
const CATALOG = smallCatalog(["lua"])
  .replace(/^platforms: .*$/m, `platforms: [${PLATFORMS.join(", ")}]`)
  .replace('"5.4": { branch: "3.22" }', '"5.4": { branch: "3.24" }');

describe("images for two platforms", () => {
  let world: World;
  let digest: string | undefined;

  beforeAll(async () => {
    world = await World.open(CATALOG);
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const plan = async (...options: string[]) =>
    (await world.json("plan", "lua:5.4", ...options)).document.plan;
  const published = (tag: string) => readPublished(world.registry, "test/lua", tag);

  it("are put under one index, the foreign one assembled of its own packages", async () => {
    const { exitCode, document } = await world.json("rebuild", "lua:5.4", "--engine", "buildah");
    expect(document.outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    expect(exitCode).toBe(0);
    const runtime = await published("5.4");
    digest = runtime?.digest;
    expect(runtime?.platforms).toEqual(PLATFORMS);
    const [own, foreign] = [hostPlatform(), FOREIGN].map((one) => runtime?.sizes?.get(one)?.packages);
    expect([...(foreign?.keys() ?? [])]).toEqual([...(own?.keys() ?? [])]);
    expect(foreign?.get("lua5.4")?.unpacked).toBeGreaterThan(0);
    expect(foreign?.get("lua5.4")?.unpacked).not.toBe(own?.get("lua5.4")?.unpacked);
  });

  it("are one where the other cannot be built here, and the plan says why", async () => {
    expect((await published("5.4-dev"))?.platforms).toEqual([hostPlatform()]);
    const [, dev] = await plan();
    expect(dev).toMatchObject({ platforms: [hostPlatform()] });
    // Without an emulator it is that; with one, the sandbox has no base image for it.
    expect(dev?.unavailablePlatforms).toMatchObject([
      { platform: FOREIGN, because: expect.stringMatching(/this machine cannot run|base image of 3.24/) },
    ]);
  });

  it("leave nothing to do, neither for a run that could build less", async () => {
    for (const options of [[], ["--platform", hostPlatform()]]) {
      const { stdout } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah", ...options);
      expect(stdout).toBe("Nothing to do: 2 targets up to date.\n");
    }
  });

  it("never become half of what they were: such a run leaves the tag alone, and ends with 2", async () => {
    const half = ["--force", "--engine", "buildah", "--platform", hostPlatform()];
    const { exitCode, document } = await world.json("rebuild", "lua:5.4", ...half);
    expect([exitCode, document.outcomes]).toEqual([2, []]);
    expect(document.plan[0]?.mistake?.text).toBe(
      `its tag has ${FOREIGN}, which cannot be built now: --platform leaves it out; ` +
        "name it there too, or take the platform out of the catalog",
    );
    expect(document.plan[1]?.mistake?.text).toContain("its pair lua:5.4: its tag has");
    expect((await published("5.4"))?.digest).toBe(digest);
  });

  it("are due once the catalog wants one of them no more", async () => {
    await world.writeCatalog(CATALOG.replace(/^platforms: .*$/m, `platforms: [${hostPlatform()}]`));
    expect((await plan())[0]?.reasons).toMatchObject([{ text: `inputs: platforms -${FOREIGN}` }]);
    await world.writeCatalog(CATALOG);
    expect((await plan())[0]?.reasons).toEqual([]);
  });

  it("are one where the mirror has the branch for this machine only", async () => {
    const [runtime] = (await world.json("plan", "lua:5.1")).document.plan;
    expect(runtime?.unavailablePlatforms).toMatchObject([
      { platform: FOREIGN, because: "the mirror has no v3.22 for it" },
    ]);
  });
});
