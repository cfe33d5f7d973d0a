import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { editionOf, envOf } from "../support/published-pairs.ts";
import { randomFrom, seedOf } from "../support/random.ts";
import { soaked } from "../support/soak.ts";
import { freePort, World } from "../support/world.ts";

const REPOSITORY = "test/lua";
const KILLS = soaked(8, 2);
const SEED = seedOf(process.env);

describe(`a rebuild that republishes everything, killed with -9 (TEST_SEED=${SEED})`, () => {
  const random = randomFrom(SEED);
  let world: World;
  let proxy: FaultProxy;
  let closeRegistry: () => Promise<unknown>;
  /** Every blob that arrived: repository and digest. */
  const arrived: string[] = [];
  let onTag: (() => void) | undefined;
  let wholeRun = 0;

  beforeAll(async () => {
    console.info(`TEST_SEED=${SEED}`);
    world = await World.open(editionOf(smallCatalog(["lua"]), 0));
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
    proxy = await FaultProxy.open(world.registryHost, behind);
    proxy.fault = ({ method, url = "" }, response) => {
      const blob = /\/v2\/(.*)\/blobs\/uploads\/.*digest=(sha256[^&]*)/.exec(url);
      if (method === "PUT" && blob?.[1] !== "sandbox/alpine") {
        response.on("finish", () => {
          if (blob && response.statusCode === 201) arrived.push(`${blob[1]} ${blob[2]}`);
        });
      }
      if (method === "PUT" && /\/lua\/manifests\/[^:]*$/.test(url) && !url.includes(".history")) onTag?.();
      return undefined;
    };
    const start = performance.now();
    const { exitCode } = await world.json("rebuild", "--engine", "buildah");
    wholeRun = performance.now() - start;
    expect(exitCode).toBe(0);
  });
  afterAll(async () => {
    await proxy?.close();
    await closeRegistry?.();
    await world?.close();
  });

  /** Starts a rebuild, and kills it when told to. */
  async function killed(edition: number, moment: () => Promise<unknown>): Promise<void> {
    await world.writeCatalog(editionOf(smallCatalog(["lua"]), edition));
    const [command = "", ...args] = world.commandLine("rebuild", "--engine", "buildah", "--lease", "1");
    const child = spawn(command, args, { stdio: "ignore" });
    const exit = once(child, "exit");
    await Promise.race([moment(), exit]);
    child.kill("SIGKILL");
    await exit;
  }

  /** Which editions the tags point at, each version's both variants; throws where anything of them is missing. */
  async function editions(): Promise<Record<string, (string | undefined)[]>> {
    const pairs = ["5.4", "5.1"].map(async (version) => {
      const tags = [version, `${version}-dev`];
      return [
        version,
        await Promise.all(tags.map((tag) => envOf(world.registry, REPOSITORY, tag, "EDITION"))),
      ] as const;
    });
    return Object.fromEntries(await Promise.all(pairs));
  }

  it("never leaves a tag at something incomplete, nor a pair apart; and nothing is ever sent twice", async () => {
    for (let edition = 1; edition <= KILLS; edition++) {
      // Every second time at the worst moment: when tags are about to move.
      const firstTag = () => new Promise<void>((done) => (onTag = done));
      const anywhere = () => sleep(random() * wholeRun);
      await killed(edition, edition % 2 === 0 ? () => firstTag().then(() => sleep(random() * 5)) : anywhere);
      onTag = undefined;
      // What was on its way when it was killed still arrives, and its lock lapses.
      await sleep(1_200);
      for (const [version, [runtime, dev]] of Object.entries(await editions())) {
        const about = `TEST_SEED=${SEED}, edition ${edition}`;
        expect(`${version} ${dev}`, about).toBe(`${version} ${runtime}`);
        expect(Number(runtime), about).toBeLessThanOrEqual(edition);
      }
    }
    const { exitCode } = await world.json("rebuild", "--engine", "buildah");
    expect(exitCode).toBe(0);
    expect(await editions()).toEqual({ "5.4": [`${KILLS}`, `${KILLS}`], "5.1": [`${KILLS}`, `${KILLS}`] });
    expect(arrived.filter((blob, index) => arrived.indexOf(blob) !== index)).toEqual([]);
  });
});
