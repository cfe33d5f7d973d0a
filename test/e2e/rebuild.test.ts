import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, World } from "../support/world.ts";

/** The `PATH` of a run that builds in any case. */
const BUILDING = rememberBuilds();

describe("rebuild, with buildah and a real registry", () => {
  let world: World;
  const digests = new Map<string, string>();

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
  });
  afterAll(() => world.close());

  it("builds, tests and publishes every target of the catalog", async () => {
    const { exitCode, document } = await world.json("rebuild", "--engine", "buildah");
    expect(document.outcomes.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "lua:5.4 done",
      "lua:5.4-dev done",
      "lua:5.1 done",
      "lua:5.1-dev done",
    ]);
    expect(exitCode).toBe(0);
    for (const { target, digest } of document.outcomes) digests.set(target, digest);
  });

  it("gives the tags that the installed version makes, and no others", async () => {
    const listed = await world.registry.listTags("test/lua");
    const tags = listed.filter((tag) => !/\.history$|^sha256-|-r\d+-[0-9a-f]{12}(-dev)?$/.test(tag));
    const versions = ["5", "5.1", "5.1.5", "5.4", "5.4.7"];
    expect(tags.toSorted()).toEqual(
      [...versions, ...versions.map((tag) => `${tag}-dev`), "dev", "latest"].toSorted(),
    );
  });

  it("has the reported digest under every tag, as another tool reads it", async () => {
    for (const [tag, target] of Object.entries({
      "5.1": "lua:5.1",
      "5.1.5-dev": "lua:5.1-dev",
      latest: "lua:5.4",
    })) {
      const image = `docker://${world.namespace}/lua:${tag}`;
      const { stdout } = await run([
        "skopeo",
        "inspect",
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        image,
      ]);
      expect(stdout.trim()).toBe(digests.get(target));
    }
  });

  it("finds nothing to do the second time, and says so", async () => {
    const { exitCode, stdout, stderr } = await world.birdhouse("rebuild");
    expect(stdout).toBe("Nothing to do: 4 targets up to date.\n");
    expect(stderr).not.toContain("build");
    expect(exitCode).toBe(0);
  });

  it("renders what it builds", async () => {
    const dockerfile = await readFile(world.path("images/lua/5.1/Dockerfile"), "utf8");
    expect(dockerfile).toContain("DO NOT EDIT");
    expect(dockerfile).toContain("lua5.1~5.1");
    // What is committed is the catalog's, not the sandbox's that happened to build it.
    expect(dockerfile).toMatch(/^ARG BASE=docker\.io\/library\/alpine:3\.\d+$/m);
  });

  it("rebuilds on demand, twice with --verify, to the same digest, and sends nothing twice", async () => {
    const words = world.commandLine("rebuild", "--force", "--verify", "lua:5.1", "--json");
    const { stdout } = await run(words, { env: { PATH: BUILDING } });
    const document = JSON.parse(stdout) as Document;
    expect(document.outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
    expect(document.outcomes.map(({ target }) => target)).toEqual(["lua:5.1", "lua:5.1-dev"]);
    for (const { target, digest, uploadedBytes } of document.outcomes) {
      expect(digest).toBe(digests.get(target));
      expect(uploadedBytes).toBe(0);
    }
  });

  it("plans the target whose package was edited, its pair, and nothing else", async () => {
    const before = await world.readCatalog();
    await world.writeCatalog(before.replace('"5.1": {', '"5.1": { dev: { packages: [make] },'));
    const { document } = await world.json("plan");
    const due = document.plan.filter(({ rebuild }) => rebuild);
    expect(due.map(({ target, reasons }) => [target, ...reasons.map(({ text }) => text)])).toEqual([
      ["lua:5.1", "its pair lua:5.1-dev is being rebuilt"],
      ["lua:5.1-dev", "inputs: packages +make"],
    ]);
    await world.writeCatalog(before);
  });
});
