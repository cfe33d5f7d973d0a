import { cp, symlink } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import type { Catalog } from "../../scripts/catalog/target.ts";
import { LANGUAGES } from "../../scripts/sandbox/mirror/languages.ts";
import { followReadmes } from "../support/try-example.ts";
import { World } from "../support/world.ts";

/** Languages whose every sandbox has them, base and static beside them. */
const QUICK = Object.keys(LANGUAGES).filter((name) => LANGUAGES[name]?.quick);

describe("the project's own catalog, all of it", () => {
  let world: World;
  let catalog: Catalog;
  const published = new Set<string>();

  beforeAll(async () => {
    world = await World.open("");
    await cp("catalog.yaml", world.path("catalog.yaml"));
    await symlink(resolve("examples"), world.path("examples"));
    catalog = await loadCatalog("catalog.yaml");
    await world.startRegistry();
    await world.startMirror();
  });
  afterAll(() => world.close());

  it("is built, tested and published in the sandbox, but for what the sandbox lacks", async () => {
    const { exitCode, document } = await world.json("rebuild", "--engine", "buildah");
    expect(document.outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    for (const { target } of document.outcomes) published.add(target);
    const lacking = document.plan.filter(({ unavailable }) => unavailable !== null);
    const names = [...published, ...lacking.map(({ target }) => target)];
    expect(names.toSorted()).toEqual(catalog.targets.map(({ name }) => name).toSorted());
    expect(exitCode).toBe(0);
    const images = new Set([...published].map((name) => name.replace(/:.*/, "")));
    expect(QUICK.filter((name) => !images.has(name))).toEqual([]);
  });

  it("leaves nothing to do", async () => {
    const { exitCode, document } = await world.json("plan");
    expect(document.plan.filter(({ rebuild }) => rebuild)).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it("has READMEs that work as they say, those of examples too, in at least 14 languages", async () => {
    const newest = new Map(
      catalog.targets
        .filter(({ name, variant, example }) => variant === "runtime" && example && published.has(name))
        .toReversed()
        .map((target) => [target.image, target]),
    );
    const failed: string[] = [];
    for (const target of newest.values()) {
      const { exitCode, output, stdout } = await followReadmes(target, world, catalog.registry);
      const right = exitCode === 0 && stdout.trimEnd().endsWith(target.example?.output ?? "");
      console.log(`${target.name}: ${right ? "as its README says" : `\n${output}`}`);
      if (!right) failed.push(target.name);
    }
    expect(failed).toEqual([]);
    expect(newest.size).toBeGreaterThanOrEqual(14);
  });

  it("gives the same digests when it is built again, and has nothing to send", async () => {
    const { exitCode, document } = await world.json("rebuild", "--force", "--engine", "buildah");
    expect(document.outcomes.filter(({ uploadedBytes }) => uploadedBytes > 0)).toEqual([]);
    expect(exitCode).toBe(0);
  });
});
