import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { freePort, World } from "../support/world.ts";
import { temporaryDirectory } from "../unit/formats/oci/sample-image.ts";

describe("a registry that is started because none runs", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]), { hasBases: false });
  });
  afterAll(() => world.close());

  it("is told of, and one that runs is not", async () => {
    const directory = await temporaryDirectory();
    const host = `127.0.0.1:${await freePort()}`;
    const said: string[] = [];
    const options = { host, directory, note: (text: string) => void said.push(text) };
    const close = await openLocalRegistry({ ...options, onEmpty: () => void said.push("empty") });
    expect(said).toEqual([
      `no registry ran at ${host}, so one was started: it is new, and has no images yet`,
      "empty",
    ]);
    const closeOther = await openLocalRegistry(options);
    expect(said).toHaveLength(2);
    await closeOther();
    await close();
  });

  it("makes no plan that reads as if anything were up to date in it", async () => {
    const { stdout, stderr, exitCode } = await world.birdhouse("plan", "lua:5.4");
    expect(stderr).toContain(`no registry ran at ${world.registryHost}, so one was started: it is new`);
    expect(stdout).toContain(`The registry at ${world.registryHost} was started just now and is empty.`);
    expect(stdout).toContain("2 targets to rebuild");
    expect(stdout).not.toContain("up to date");
    expect(exitCode).toBe(0);
  });
});
