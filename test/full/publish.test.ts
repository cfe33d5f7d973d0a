import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { editionOf, envOf } from "../support/published-pairs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { freePort, World } from "../support/world.ts";

rememberBuilds();

const REPOSITORY = "test/lua";

describe("publishing", () => {
  let world: World;
  let proxy: FaultProxy;
  let closeRegistry: () => Promise<unknown>;
  let edition = 0;

  const rebuild = async (...args: readonly string[]) => {
    await world.writeCatalog(editionOf(smallCatalog(["lua"]), edition));
    return world.json("rebuild", "--engine", "buildah", ...args);
  };
  const tags = async () => (await world.registry.listTags(REPOSITORY)).toSorted();
  const editions = async (version: string) =>
    Promise.all([version, `${version}-dev`].map((tag) => envOf(world.registry, REPOSITORY, tag, "EDITION")));
  const digest = async (tag: string) => (await world.registry.headManifest(REPOSITORY, tag))?.digest;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
    proxy = await FaultProxy.open(world.registryHost, behind);
  });
  afterEach(() => {
    proxy.fault = () => undefined;
  });
  afterAll(async () => {
    await proxy?.close();
    await closeRegistry?.();
    await world?.close();
  });

  it("ends right with a registry that fails every seventh request", async () => {
    let count = 0;
    let failed = 0;
    proxy.fault = (request, response) => {
      // Pulling the base image is buildah's own affair, with retries of its own.
      if (/buildah/i.test(request.headers["user-agent"] ?? "")) return undefined;
      if (++count % 7 !== 0) return undefined;
      failed++;
      request.resume();
      response.writeHead(500).end();
      return "answered";
    };
    const { exitCode, document } = await rebuild("lua:5.4");
    expect(document.outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
    expect(exitCode).toBe(0);
    expect(failed).toBeGreaterThan(5);
    expect(await editions("5.4")).toEqual(["0", "0"]);
  });

  it("gives each build a tag of its own, which pulls the same image", async () => {
    const own = (await tags()).filter((tag) => /-r\d+-[0-9a-f]{12}(-dev)?$/.test(tag));
    expect(own).toHaveLength(2);
    const [runtime = ""] = own.filter((tag) => !tag.endsWith("-dev"));
    expect(await digest(runtime)).toBe(await digest("5.4"));
  });

  it("moves no tag of a version where one is refused for good, and fails", async () => {
    edition++;
    const before = await Promise.all(["5.4", "5.4-dev"].map((one) => digest(one)));
    proxy.fault = ({ method, url = "" }, response) => {
      if (method !== "PUT" || !url.endsWith("/lua/manifests/5.4-dev")) return undefined;
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "this one never" }] }));
      return "answered";
    };
    const { exitCode, document } = await rebuild();
    expect(exitCode).toBe(1);
    const status = Object.fromEntries(document.outcomes.map((outcome) => [outcome.target, outcome.status]));
    expect(status).toMatchObject({ "lua:5.1": "done", "lua:5.1-dev": "done" });
    expect(status["lua:5.4"]).not.toBe("done");
    expect(await Promise.all(["5.4", "5.4-dev"].map((one) => digest(one)))).toEqual(before);
    expect(await editions("5.4")).toEqual(["0", "0"]);
    expect(await editions("5.1")).toEqual(["1", "1"]);
    proxy.fault = () => undefined;
    expect((await rebuild()).exitCode).toBe(0);
    expect(await editions("5.4")).toEqual(["1", "1"]);
  });

  it("publishes a third edition", async () => {
    edition++;
    expect((await rebuild("lua:5.4")).exitCode).toBe(0);
  });

  it("removes builds beyond what the catalog keeps, and nothing that a tag points at", async () => {
    const keep = "policy: { keep: 1 }\ndefaults:";
    await world.writeCatalog(editionOf(smallCatalog(["lua"]), edition).replace("defaults:", keep));
    const before = await tags();
    const pulled = await Promise.all(["5.4", "5.4-dev", "5.1", "5.1-dev"].map((one) => digest(one)));
    const wouldGo = await world.birdhouse("prune", "--dry-run", "--json");
    const { pruned } = JSON.parse(wouldGo.stdout) as { pruned: { tag: string; digest: string }[] };
    // Three editions of 5.4 were published and one of 5.1, each with two variants; of each the newest stays.
    expect(pruned).toHaveLength(4);
    expect(await tags()).toEqual(before);
    expect((await world.birdhouse("prune")).exitCode).toBe(0);
    for (const old of pruned) expect(await digest(old.digest)).toBeUndefined();
    expect(await Promise.all(["5.4", "5.4-dev", "5.1", "5.1-dev"].map((one) => digest(one)))).toEqual(pulled);
    expect([await editions("5.4"), await editions("5.1")]).toEqual([
      ["2", "2"],
      ["1", "1"],
    ]);
    const again = JSON.parse((await world.birdhouse("prune", "--json")).stdout) as { pruned: unknown[] };
    expect(again.pruned).toEqual([]);
  });

  it("leaves a kept image that others can pull", async () => {
    const reference = `docker://${world.registryHost}/${REPOSITORY}:5.4`;
    const { stdout } = await tryRun([
      "skopeo",
      "inspect",
      "--tls-verify=false",
      "--format",
      "{{.Digest}}",
      reference,
    ]);
    expect(stdout.trim()).toBe(await digest("5.4"));
  });
});
