import { cp } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { World } from "../support/world.ts";

describe("the project's own catalog, all of it", () => {
  let world: World;
  let targets: string[];

  beforeAll(async () => {
    world = await World.open("");
    await cp("catalog.yaml", world.path("catalog.yaml"));
    targets = (await loadCatalog("catalog.yaml")).targets.map(({ name }) => name);
    await world.startRegistry();
  });
  afterAll(() => world.close());

  it("is built, tested and published in the sandbox", async () => {
    const { exitCode, document } = await world.json("rebuild", "--engine", "buildah");
    const done = document.outcomes.filter(({ status }) => status === "done").map(({ target }) => target);
    expect(document.outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    expect(done.toSorted()).toEqual(targets.toSorted());
    expect(exitCode).toBe(0);
  });

  it("gives the same digests when it is built again, and has nothing to send", async () => {
    const { exitCode, document } = await world.json("rebuild", "--force", "--engine", "buildah");
    expect(document.outcomes.filter(({ uploadedBytes }) => uploadedBytes > 0)).toEqual([]);
    expect(exitCode).toBe(0);
  });
});
