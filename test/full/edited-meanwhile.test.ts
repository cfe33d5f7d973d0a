import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { meddleBefore } from "../support/meddling-buildah.ts";
import { editionOf, envOf } from "../support/published-pairs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { BIRDHOUSE, World } from "../support/world.ts";

rememberBuilds();

/** What lua prints when it runs the example. */
const EXAMPLE = `    example:
      test: [lua, app.lua]
      run: [lua, app.lua]
      output: as it was
`;

describe("a catalog that is edited, rendered and taken back while a rebuild is at work", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(editionOf(oneVersion(), 1) + EXAMPLE);
    await mkdir(world.path("examples/lua"), { recursive: true });
    await writeFile(world.path("examples/lua/app.lua"), "print('as it was')\n");
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const editions = () =>
    Promise.all(["5.4", "5.4-dev"].map((tag) => envOf(world.registry, "test/lua", tag, "EDITION")));

  it("is not what is published: that is what the plan compared", async () => {
    const catalog = await world.readCatalog();
    await writeFile(world.path("other.yaml"), editionOf(oneVersion(), 2) + EXAMPLE);
    await writeFile(world.path("before.yaml"), catalog);
    const render = `${BIRDHOUSE.join(" ")} render --catalog catalog.yaml`;
    const edit = `cd '${world.directory}' && cp other.yaml catalog.yaml && ${render} && cp before.yaml catalog.yaml`;
    const path = await meddleBefore(
      world.path("meddler"),
      `${edit} && echo 'error()' > examples/lua/app.lua`,
    );
    const words = world.commandLine("rebuild", "--engine", "buildah");
    const { exitCode, stdout } = await tryRun(words, { env: { PATH: path } });
    expect(await readFile(world.path("meddler/said"), "utf8")).toMatch(/ written\.\n$/);
    await access(world.path("meddler/done"));
    expect(await readFile(world.path("images/lua/5.4/Dockerfile"), "utf8")).toContain('EDITION="2"');
    expect(stdout).toContain("lua:5.4");
    expect(exitCode).toBe(0);
    expect(await editions()).toEqual(["1", "1"]);
    expect(await readdir(world.path("state/scratch"))).toEqual([]);
  });

  it("is, so edited and not taken back, what the next run publishes", async () => {
    await world.writeCatalog(editionOf(oneVersion(), 2));
    expect((await world.birdhouse("rebuild", "--engine", "buildah")).exitCode).toBe(0);
    expect(await editions()).toEqual(["2", "2"]);
  });

  it("is refused, with nothing built or changed, where something else is in the place of what is rendered", async () => {
    await world.writeCatalog(editionOf(oneVersion(), 3));
    await writeFile(world.path("images/holiday.jpg"), "sun");
    const dockerfile = await readFile(world.path("images/lua/5.4/Dockerfile"), "utf8");
    for (const command of [["render"], ["render", "--check"], ["render", "--dry-run"], ["rebuild"]]) {
      const [verb = "", ...options] = command;
      const words =
        verb === "rebuild"
          ? world.commandLine(verb, "--engine", "buildah")
          : [...BIRDHOUSE, verb, "--catalog", world.path("catalog.yaml"), ...options];
      const { exitCode, stderr } = await tryRun(words);
      expect(stderr).toContain('images/holiday.jpg does not say "DO NOT EDIT: rendered"');
      expect(exitCode).toBe(2);
    }
    expect(await readFile(world.path("images/holiday.jpg"), "utf8")).toBe("sun");
    expect(await readFile(world.path("images/lua/5.4/Dockerfile"), "utf8")).toBe(dockerfile);
    expect(await editions()).toEqual(["2", "2"]);
  });
});
