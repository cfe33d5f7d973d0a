import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { isMark } from "../../scripts/formats/lifecycle.ts";
import { releasesOf } from "../../scripts/model/target.ts";
import { referrersOf } from "../../scripts/registry/referrers.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { publishEdition } from "../support/cheap-images.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { moverOf } from "../support/tag-mover.ts";
import { World } from "../support/world.ts";

rememberBuilds();

/** What is published says that it was made of something else than the catalog asks for: there is reason to rebuild it. */
describe("tags that are held", () => {
  let world: World;
  /** Edition → digests of runtime and dev. */
  const digests: string[][] = [];

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
    const { targets } = await loadCatalog(world.path("catalog.yaml"));
    const release = releasesOf(targets).find(({ version }) => version === "5.4");
    if (!release) throw new Error("the catalog has no lua:5.4");
    const { registry } = world;
    const mover = moverOf({
      ...{ registry, namespace: { registry: registry.host, path: "test" }, clock: () => new Date() },
      journals: world.path("elsewhere"),
    });
    for (const edition of [0, 1]) {
      const pair = [release.runtime, release.dev];
      const of = { registry, mover, targets, pair, edition, keep: 10, revision: `5.4.${6 + edition}-r0` };
      digests.push(await publishEdition("test", of));
    }
    await world.birdhouse("export", "lua:5.4", "--to", world.path("export"));
  });
  afterAll(() => world?.close());

  /** Of each edition, whether a mark says that what dev is was superseded. */
  const areMarked = () =>
    Promise.all(
      digests.map(async ([, dev = ""]) => {
        const place = { registry: world.registry, repository: "test/lua" };
        return (await referrersOf(place, dev)).some((one) => isMark(one));
      }),
    );
  const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest;
  const planOf = async (...args: string[]) => {
    const { document } = await world.json("plan", ...args);
    return document.plan.filter(({ target }) => target.startsWith("lua:5.4"));
  };

  it("go back, both variants', and only to what is true of them", async () => {
    expect(await areMarked()).toEqual([true, false]);
    const dry = await world.birdhouse("rollback", "lua:5.4", "--hold", "7d", "--dry-run");
    expect(dry.stdout).toMatch(/\n\nDry run: no tags were moved\.\n$/);
    expect(await digestOf("5.4")).toBe(digests[1]?.[0]);
    const { exitCode, stdout, stderr } = await world.birdhouse(
      ...["rollback", "lua:5.4-dev", "--hold", "7d", "--reason", "broken TLS"],
    );
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/They are held until \d{4}-\d\d-\d\d \d\d:\d\d UTC by .*: broken TLS\./);
    expect(await Promise.all(["5.4", "5", "latest"].map((tag) => digestOf(tag)))).toEqual(
      Array(3).fill(digests[0]?.[0]),
    );
    expect(await digestOf("dev")).toBe(digests[0]?.[1]);
    // 5.4.7 is what it says, and stays it.
    expect(await digestOf("5.4.7")).toBe(digests[1]?.[0]);
    expect(await digestOf("5.4.6")).toBe(digests[0]?.[0]);
    expect(await areMarked()).toEqual([false, false]);
  });

  it("are not due, with all that says so, also where somebody asks for them", async () => {
    for (const args of [[], ["--force"]]) {
      const planned = await planOf(...args);
      expect(planned.map(({ rebuild }) => rebuild)).toEqual([false, false]);
    }
    const { stdout } = await world.birdhouse("plan", "lua:5.4");
    expect(stdout).toMatch(
      /lua:5\.4-dev +held until .* UTC by .*: broken TLS; would be rebuilt for: inputs: /,
    );
    const past = await world.birdhouse("history", "lua:5.4");
    expect(past.stdout).toMatch(/^lua:5\.4: held until .*: broken TLS\n/);
  });

  it("are left where they are by rebuild, publish and import", async () => {
    const forced = await world.birdhouse("rebuild", "lua:5.4", "--force");
    expect(forced.exitCode, forced.stderr).toBe(0);
    expect(forced.stdout).toMatch(/lua:5\.4 +held until .*: broken TLS; would be rebuilt for: asked for/);
    const published = await world.birdhouse("publish", "lua:5.4", "--engine", "buildah");
    expect(published.exitCode, published.stderr).toBe(0);
    for (const args of [[], ["--dry-run"]]) {
      const imported = await world.birdhouse("import", world.path("export"), ...args);
      expect(imported.exitCode).toBe(2);
      expect(imported.stderr).toMatch(
        /lua:5\.4 is held until .*: broken TLS: its tags were not moved\n→ end the hold first: npm run -s birdhouse -- rollback lua:5\.4 --release/,
      );
    }
    expect(await digestOf("5.4")).toBe(digests[0]?.[0]);
  });

  it("move again once they are held no longer", async () => {
    const { exitCode, stdout } = await world.birdhouse("rollback", "lua:5.4", "--release");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^No longer held: lua:5\.4\./)]);
    expect(await digestOf("5.4")).toBe(digests[0]?.[0]);
    expect((await planOf()).map(({ rebuild }) => rebuild)).toEqual([true, true]);
    const imported = await world.birdhouse("import", world.path("export"));
    expect(imported.stdout).toContain("2 targets imported; their tags were moved.");
    expect(await digestOf("5.4")).toBe(digests[1]?.[0]);
    expect(await areMarked()).toEqual([true, false]);
  });

  it.each([
    [["--release", "--hold", "1d"], "--release ends a hold and moves nothing"],
    [["--reason", "x"], "--reason is for --hold"],
    [["--hold", "tomorrow"], "Expected a time such as 12h, 7d or 2w"],
  ])("are not understood from %j", async (options, why) => {
    const { exitCode, stderr } = await world.birdhouse("rollback", "lua:5.4", ...options);
    expect(stderr).toContain(why);
    expect(exitCode).toBe(2);
  });
});
