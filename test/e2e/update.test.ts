import { access, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { validOutput } from "../support/outputs.ts";
import { World } from "../support/world.ts";

/** The mirror of the sandbox has 3.22 and 3.24, and no branch between them. */
const RELEASES = JSON.stringify({
  release_branches: [
    { rel_branch: "edge" },
    { rel_branch: "v3.24", eol_date: "2099-05-01" },
    { rel_branch: "v3.23", eol_date: "2098-11-01" },
    { rel_branch: "v3.22", eol_date: "2098-05-01" },
  ],
});

/** The catalog, with branches of which one is new. */
const CATALOG = smallCatalog()
  .replace(
    "defaults:",
    `  releases: releases.json\nbranches:\n  "3.22": { eol: 2098-05-01 } # old\ndefaults:`,
  )
  .replace('      "5.4"', '      # the one to use\n      "5.4"');
const UPDATED = CATALOG.replace(
  '  "3.22": {',
  '  "3.24": { eol: 2099-05-01 }\n  "3.23": { eol: 2098-11-01 }\n  "3.22": {',
)
  .replace("      # the one", '      "5.5": { branch: "3.24" }\n      # the one')
  .replace('"5.4": { branch: "3.22" }', '"5.4": { branch: "3.24" }')
  .replace('"5.1": { branch: "3.22" }', '"5.1": { branch: "3.24" }');

describe("update", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(CATALOG);
    await writeFile(world.path("releases.json"), RELEASES);
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const images = () =>
    access(world.path("images")).then(
      () => true,
      () => false,
    );

  it("shows which branch carries what, and what it would change", async () => {
    const { exitCode, stdout } = await world.birdhouse("update", "lua");
    expect(stdout).toMatch(/^lua +5\.4 +3\.22 +3\.24 3\.22$/m);
    expect(stdout).toMatch(/^Alpine +3\.24 +new branch +→ 2099-05-01 /m);
    expect(stdout).toMatch(/^lua +5\.5 +new version +→ 3\.24 +v3\.24 has lua5\.5 5\.5\./m);
    expect(stdout).toMatch(/^lua +5\.4 +move +3\.22 → 3\.24 +v3\.24 has lua5\.4 5\.4\./m);
    expect(stdout).toContain("5 changes to make: use --write");
    expect(exitCode).toBe(0);
    expect(await world.readCatalog()).toBe(CATALOG);
    expect(await images()).toBe(false);
  });

  it("writes nothing that would be a mistake", async () => {
    const taken = CATALOG.replace('"5.1": { branch: "3.22" }', '"5.1": { branch: "3.22", tags: ["5.5"] }');
    await world.writeCatalog(taken);
    const { exitCode, stderr } = await world.birdhouse("update", "--write");
    expect(stderr).toMatch(/would have mistakes; nothing was written:\n.*catalog\.yaml:\d+:\d+: .*5\.5/);
    expect(exitCode).toBe(2);
    expect(await world.readCatalog()).toBe(taken);
    expect(await images()).toBe(false);
    await world.writeCatalog(CATALOG);
  });

  it("touches nothing where something else is in the place of what is rendered", async () => {
    await mkdir(world.path("images"));
    await writeFile(world.path("images/holiday.jpg"), "sun");
    const { ino } = await stat(world.path("catalog.yaml"));
    const { exitCode, stderr } = await world.birdhouse("update", "--write");
    expect(stderr).toContain("images/holiday.jpg does not say");
    expect(exitCode).toBe(2);
    expect(await world.readCatalog()).toBe(CATALOG);
    expect((await stat(world.path("catalog.yaml"))).ino).toBe(ino);
    await rm(world.path("images"), { recursive: true });
  });

  it("edits the catalog, and renders it; then there is nothing more to do", async () => {
    const { exitCode, stdout } = await world.birdhouse("update", "--write", "--json");
    const found = validOutput(stdout) as unknown as {
      written: boolean;
      changes: { kind: string; editable: boolean }[];
    };
    expect(found.changes.map(({ kind }) => kind)).toEqual([
      "branch",
      "branch",
      "new-version",
      "move",
      "move",
    ]);
    expect(found).toMatchObject({ written: true, problems: [] });
    expect(exitCode).toBe(0);
    expect(await world.readCatalog()).toBe(UPDATED);
    await access(world.path("images/lua/5.5/Dockerfile"));
    expect((await world.birdhouse("update")).stdout).toContain("catalog.yaml: nothing to change.");
  });
});
