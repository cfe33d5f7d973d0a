import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { environmentAt } from "../support/scripted-clock.ts";
import { type Document, runCommand, World } from "../support/world.ts";

const NIGHT = 24 * 60 * 60 * 1000;

/** A version that asks for what there is not, night after night. */
describe("what fails night after night", () => {
  let world: World;
  let catalog: string;
  const first = Date.now() + NIGHT;

  beforeAll(async () => {
    catalog = oneVersion().replace('"5.4": {', '"5.4": { runtime: { packages: [no-such-package] },');
    world = await World.open(catalog);
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const rebuildOn = async (night: number, ...args: readonly string[]) => {
    const words = world.commandLine("rebuild", "--json", "--engine", "buildah", ...args);
    const { exitCode, stdout, stderr } = await tryRun(words, {
      env: environmentAt(new Date(first + night * NIGHT)),
    });
    const { outcomes } = JSON.parse(stdout) as Document;
    return { exitCode, stderr, tried: outcomes.map(({ target, status }) => `${target} ${status}`) };
  };
  const TRIED = ["lua:5.4 failed", "lua:5.4-dev held"];

  it("waits after the third, is named, and is no success", async () => {
    for (const night of [0, 1, 2]) expect((await rebuildOn(night)).tried).toEqual(TRIED);
    const { exitCode, stdout } = await tryRun(world.commandLine("rebuild", "--engine", "buildah"), {
      env: environmentAt(new Date(first + 3 * NIGHT)),
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^waits, as it failed 3 runs in a row since \d{4}-\d\d-\d\d: lua:5\.4: tried again on \d{4}-\d\d-\d\d, or as soon as an input or a package of it moves\n→ to try it now: .*rebuild.*lua:5\.4$/m,
    );
    const told = await runCommand(["runs", "show", "1", "--state", world.path("state")]);
    expect(told.stdout).toContain("waits, as it failed 3 runs in a row");
  });

  it("waits too where the disk is thrown away after each night, and is in no job of a CI's", async () => {
    await rm(world.path("state/runs"), { recursive: true });
    const night = { env: environmentAt(new Date(first + 3 * NIGHT)) };
    const { exitCode, stdout } = await tryRun(world.commandLine("plan", "--matrix", "github"), night);
    expect(JSON.parse(stdout)).toEqual({ count: 0, matrix: { include: [] } });
    // It is no success: somebody has to look.
    expect(exitCode).toBe(1);
    expect((await rebuildOn(3)).tried).toEqual([]);
  });

  it("is tried when somebody names it", async () => {
    expect((await rebuildOn(3, "lua:5.4")).tried).toEqual(TRIED);
  });

  it("is tried as soon as what it is made of has moved, and after its pause", async () => {
    // Tried on the nights 0 to 3, so it waits for as long again.
    expect((await rebuildOn(4)).tried).toEqual([]);
    await world.writeCatalog(catalog.replace("no-such-package", "no-such-package, lua5.4-cjson"));
    expect((await rebuildOn(4)).tried).toEqual(TRIED);
    expect((await rebuildOn(5)).tried).toEqual([]);
    expect((await rebuildOn(8)).tried).toEqual(TRIED);
  });
});
