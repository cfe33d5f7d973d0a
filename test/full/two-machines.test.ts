import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostPlatform, PLATFORMS } from "../../scripts/model/platform.ts";
import { halfTag } from "../../scripts/model/tags.ts";
import { readPublished } from "../../scripts/publish/published.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { validOutput } from "../support/outputs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, PROJECT_STATE, World } from "../support/world.ts";

const HOST = hostPlatform();
const FOREIGN = PLATFORMS.find((platform) => platform !== HOST) ?? "linux/arm64";

/** Lua on the branch that the sandbox has packages of both architectures for. */
const CATALOG = oneVersion()
  .replace(/^platforms: .*$/m, `platforms: [${PLATFORMS.join(", ")}]`)
  .replace('"5.4": { branch: "3.22" }', '"5.4": { branch: "3.24" }');

rememberBuilds();

/**
 * Two machines, each with a state of its own, and a third that joins what they made. The sandbox cannot run programs of
 * the foreign architecture: of what it makes for it only what can be seen without running anything is checked.
 */
describe("two machines, each of one platform", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(CATALOG);
    for (const machine of ["near", "far", "third", "alone"]) {
      await mkdir(world.path(machine));
      await symlink(join(PROJECT_STATE, "sandbox"), world.path(`${machine}/sandbox`));
    }
    await world.startRegistry();
    await world.startMirror();
  });
  afterAll(() => world.close());

  async function on(machine: string, words: [string, ...string[]], run = "one") {
    const state = ["--state", world.path(machine), "--engine", "buildah", "--json"];
    const argv = world.commandLine(...words, ...state);
    const { exitCode, stdout, stderr } = await tryRun(argv, { env: { BIRDHOUSE_RUN: run } });
    const document = stdout.startsWith("{") ? (validOutput(stdout) as unknown as Document) : undefined;
    return { exitCode, stderr, outcomes: document?.outcomes ?? [] };
  }

  const tags = () => world.registry.listTags("test/lua");
  const halves = [halfTag("5.4", HOST), halfTag("5.4-dev", HOST)];

  it("need a name for their run", async () => {
    const { exitCode, stderr } = await on("near", ["rebuild", "--half", HOST], "");
    expect(stderr).toContain("set BIRDHOUSE_RUN to the same word on all machines");
    expect(exitCode).toBe(2);
  });

  it("one makes its part, and no tag that others pull is there", async () => {
    const { exitCode, stderr, outcomes } = await on("near", ["rebuild", "--half", HOST]);
    expect(exitCode, stderr).toBe(0);
    expect(outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
    expect((await tags()).toSorted()).toEqual(halves.toSorted());
  });

  it("while the other's part is missing nothing is published, and it is said which", async () => {
    const { exitCode, outcomes } = await on("third", ["join"]);
    expect(exitCode).toBe(1);
    expect(outcomes).toMatchObject([
      { status: "failed", message: expect.stringContaining(`its image for ${FOREIGN} is missing`) },
      { status: "held" },
    ]);
    expect((await tags()).toSorted()).toEqual(halves.toSorted());
  });

  it("a part that fails its tests is none", async () => {
    await world.writeCatalog(CATALOG.replace("hello, world", "good night"));
    const { exitCode, outcomes } = await on("far", ["rebuild", "--half", FOREIGN]);
    expect(exitCode).toBe(1);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["failed", "held"]);
    await world.writeCatalog(CATALOG);
    expect((await tags()).toSorted()).toEqual(halves.toSorted());
  });

  it("both are joined into what one machine would have made, to the byte", async () => {
    const far = await on("far", ["rebuild", "--half", FOREIGN]);
    expect(far.exitCode, far.stderr).toBe(0);
    expect((await tags()).toSorted()).toEqual([...halves, halfTag("5.4", FOREIGN)].toSorted());
    const joined = await on("third", ["join"]);
    expect(joined.exitCode, joined.stderr).toBe(0);
    const published = await readPublished(world.registry, "test/lua", "5.4");
    expect(published?.platforms).toEqual(PLATFORMS);
    expect([...(published?.sizes?.keys() ?? [])].toSorted()).toEqual([...PLATFORMS]);
    const alone = await on("alone", ["build", "lua:5.4"]);
    expect(alone.outcomes.map(({ digest }) => digest)).toEqual(joined.outcomes.map(({ digest }) => digest));
    expect(published?.digest).toBe(alone.outcomes[0]?.digest);
  });

  it("what is attached is of both, and another plan has nothing to do", async () => {
    for (const platform of PLATFORMS) {
      const sbom = await world.birdhouse("inspect", "lua:5.4", "--sbom", "--platform", platform);
      expect(sbom.stdout, sbom.stderr).toContain('"bomFormat": "CycloneDX"');
    }
    const again = await on("third", ["join"]);
    expect([again.exitCode, again.outcomes]).toEqual([0, []]);
    const plan = await world.birdhouse("plan");
    expect(plan.stdout).toContain("Nothing to do");
  });

  it("what another run made is not joined", async () => {
    const before = await readPublished(world.registry, "test/lua", "5.4");
    await on("near", ["rebuild", "lua:5.4", "--force", "--half", HOST], "two");
    const { exitCode, outcomes } = await on("third", ["join", "lua:5.4", "--force"], "two");
    expect(exitCode).toBe(1);
    expect(outcomes[0]).toMatchObject({ message: expect.stringContaining("one of another run (one)") });
    expect((await readPublished(world.registry, "test/lua", "5.4"))?.digest).toBe(before?.digest);
  });
});
