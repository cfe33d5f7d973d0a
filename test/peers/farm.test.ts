import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layoutsOf } from "../../scripts/app/paths.ts";
import { imageIndexSchema, parseDocument } from "../../scripts/formats/oci/types.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { sum } from "../../scripts/system/sum.ts";
import { type BuildkitFarm, buildkitPeer, startFarm } from "../support/buildkit-farm.ts";
import { oneVersion, smallCatalog } from "../support/catalogs.ts";
import { noMachines } from "../support/machine.ts";
import { titleOf } from "../support/peers.ts";
import { World } from "../support/world.ts";

const buildkitd = await buildkitPeer();
const noNetworks = await noMachines();
const SKIPPED = noNetworks ? ` (skipped: ${noNetworks})` : "";

/** What a machine of its own reaches of this one: a farm is given a mirror and a registry that all of it reach. */
const portsOf = (world: World) =>
  noNetworks === undefined ? [world.mirrorPort, Number(world.registryHost.split(":")[1])] : undefined;

const TAGS = ["lua:5.4", "lua:5.1", "moon:5.4"]
  .flatMap((one) => [one, `${one}-dev`])
  .map((one) => one.split(":") as [string, string]);

/**
 * Four daemons, each with its own store and, where that can be had, in a network of its own: what they build, and where, is
 * tried here, and not how fast.
 */
describe.skipIf(!buildkitd)(titleOf(buildkitd, "buildkitd"), () => {
  let farm: BuildkitFarm;
  let world: World;

  beforeAll(async () => {
    if (!buildkitd) return;
    world = await World.open(smallCatalog(["lua", "moon"]));
    await world.startRegistry();
    farm = await startFarm(buildkitd, 4, { ports: portsOf(world) });
  });
  afterAll(async () => {
    await world?.close();
    await farm?.close();
  });

  /** Each registry is one that nothing was built for. */
  const rebuild = async (
    builder: string,
    registry: string,
    meanwhile?: (end: AbortSignal) => Promise<void>,
  ) => {
    const where = ["--builder", builder, "--registry", `${world.registryHost}/${registry}`];
    const words = world.commandLine("rebuild", "--engine", "docker", "--concurrency", "3");
    // What was built for another registry would be taken as it lies there.
    await rm(layoutsOf(world.path("catalog.yaml"), world.path("state")), { recursive: true, force: true });
    const end = new AbortController();
    const running = tryRun([...words, ...where], farm).finally(() => end.abort());
    const [{ exitCode, output }] = await Promise.all([running, meanwhile?.(end.signal)]);
    expect(exitCode, output).toBe(0);
    expect(output).toContain("6 targets published, 0 failed, 0 held back.");
    const digests = TAGS.map(async ([image, tag]) => {
      return (await world.registry.headManifest(`${registry}/${image}`, tag))?.digest;
    });
    return { digests: await Promise.all(digests), output };
  };
  const begunOn = () => Promise.all(farm.nodes.map((node) => node.begun()));

  let ofOne: readonly (string | undefined)[];

  it("builds on one machine, where the builder has one node", async () => {
    const [first] = farm.nodes;
    await run(
      ["docker", "buildx", "create", "--name", "one", "--driver", "remote", first?.address ?? ""],
      farm,
    );
    ofOne = (await rebuild("one", "one")).digests;
    expect(new Set(ofOne).size).toBe(6);
    expect(ofOne).not.toContain(undefined);
    const [own, ...others] = await begunOn();
    expect(own).toBeGreaterThan(5);
    expect(others).toEqual([0, 0, 0]);
  });

  it("builds on all four of a farm, to the same digests", async () => {
    const before = await begunOn();
    const { digests } = await rebuild("farm", "farm");
    expect(digests).toEqual(ofOne);
    const after = await begunOn();
    for (const [index, begun] of after.entries()) expect(begun).toBeGreaterThan(before[index] ?? 0);
  });

  it.skipIf(noNetworks)(
    `sends each what it builds of, and gets back what was built, over its own cable${SKIPPED}`,
    async () => {
      const [first] = farm.nodes;
      const { stdout } = await run(first?.machine?.at(["ip", "-brief", "addr"]) ?? []);
      expect(
        stdout
          .split("\n")
          .filter(Boolean)
          .map((line) => line.split(/\s+/)[0]?.split("@")[0]),
      ).toEqual(["lo", "eth0"]);
      const layouts = layoutsOf(world.path("catalog.yaml"), world.path("state"));
      const built = Number((await run(["du", "-sb", layouts])).stdout.split("\t")[0]);
      const moved = await Promise.all(farm.nodes.map((node) => node.moved()));
      expect(sum(moved.map(({ back }) => back))).toBeGreaterThan(built);
      for (const { there, back } of moved) expect([there > 100_000, back > 1_000_000]).toEqual([true, true]);
    },
  );

  it.skipIf(noNetworks)(`gives less to one whose cable is slow${SKIPPED}`, async () => {
    const slow = farm.nodes[3];
    await slow?.machine?.slow(20_000);
    const before = await begunOn();
    const { digests } = await rebuild("farm", "slow");
    await slow?.machine?.slow(10_000_000);
    expect(digests).toEqual(ofOne);
    const [one = 0, two = 0, three = 0, ofSlow = 0] = (await begunOn()).map(
      (begun, place) => begun - (before[place] ?? 0),
    );
    expect(ofSlow).toBeLessThan(Math.max(one, two, three));
  });

  it("builds on the others what a machine had that dies in the middle, says so, and begins without it", async () => {
    const [, second] = farm.nodes;
    const before = (await second?.begun()) ?? 0;
    const { digests, output } = await rebuild("farm", "dying", async (signal) => {
      while (!signal.aborted && ((await second?.begun()) ?? 0) === before)
        await new Promise((done) => setTimeout(done, 20));
      await second?.kill();
    });
    expect(digests).toEqual(ofOne);
    expect(output).toContain("the node node1 of the builder farm answers no more");
    const build = ["--engine", "docker", "--builder", "farm", "lua:5.4"];
    const next = await tryRun(world.commandLine("build", ...build), farm);
    expect(next.stderr).toContain("builder farm with 3 of 4 nodes, without node1: no answer");
    expect(next.exitCode, next.output).toBe(0);
  });

  it.skipIf(noNetworks)(
    `builds on the others what a machine had whose cable was pulled out${SKIPPED}`,
    async () => {
      const [, , third] = farm.nodes;
      const before = (await third?.begun()) ?? 0;
      const { digests, output } = await rebuild("farm", "cut", async (signal) => {
        while (!signal.aborted && ((await third?.begun()) ?? 0) === before)
          await new Promise((done) => setTimeout(done, 20));
        await third?.machine?.cut();
      });
      expect(digests).toEqual(ofOne);
      expect(output).toContain("the node node2 of the builder farm answers no more");
    },
  );

  it("has each platform built by the machine that was declared for it, to the same digests", async () => {
    if (!buildkitd) return;
    const both = oneVersion()
      .replace("platforms: [linux/amd64]", "platforms: [linux/amd64, linux/arm64]")
      .replace('"5.4": { branch: "3.22" }', '"5.5": { branch: "3.24" }');
    const own = await World.open(both);
    const pair = await startFarm(buildkitd, 2, {
      declares: (place) => (place === 0 ? "linux/amd64" : "linux/arm64"),
      ports: portsOf(own),
    });
    try {
      await own.startRegistry();
      const rebuild = async (registry: string, builder: string) => {
        const words = ["--engine", "docker", "--builder", builder, "--json"];
        await rm(layoutsOf(own.path("catalog.yaml"), own.path("state")), { recursive: true, force: true });
        const where = ["--registry", `${own.registryHost}/${registry}`];
        const { exitCode, output } = await tryRun(own.commandLine("rebuild", ...words, ...where), pair);
        expect(exitCode, output).toBe(0);
        return (await own.registry.headManifest(`${registry}/lua`, "5.5"))?.digest;
      };
      const before = await Promise.all(pair.nodes.map((node) => node.begun()));
      const digest = await rebuild("pair", "farm");
      const after = await Promise.all(pair.nodes.map((node) => node.begun()));
      for (const [index, begun] of after.entries()) expect(begun).toBeGreaterThan(before[index] ?? 0);
      const index = await own.registry.getManifest("pair/lua", "5.5");
      const { manifests } = parseDocument(imageIndexSchema, index?.bytes ?? Buffer.from(""), "lua:5.5");
      const built = manifests.map(({ platform }) => platform?.architecture);
      expect(built).toEqual(expect.arrayContaining(["amd64", "arm64"]));

      const [first] = pair.nodes;
      const create = ["docker", "buildx", "create", "--name", "alone", "--driver", "remote"];
      await run([...create, first?.address ?? ""], pair);
      const [, other] = await Promise.all(pair.nodes.map((node) => node.begun()));
      expect(await rebuild("alone", "alone")).toBe(digest);
      expect(await pair.nodes[1]?.begun()).toBe(other);
    } finally {
      await own.close();
      await pair.close();
    }
  });

  it("builds nothing where no machine answers, and says so before it begins", async () => {
    for (const node of farm.nodes) await node.kill();
    const build = ["--engine", "docker", "--builder", "farm", "lua:5.4"];
    const { exitCode, stderr } = await tryRun(world.commandLine("build", ...build), farm);
    expect(stderr).toContain("no node of the builder farm answers: node0, node1, node2, node3");
    expect(exitCode).toBe(2);
  });
});
