import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostPlatform, PLATFORMS } from "../../scripts/model/platform.ts";
import { readPublished } from "../../scripts/publish/published.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { editionOf, envOf } from "../support/published-pairs.ts";
import { randomFrom, seedOf } from "../support/random.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { soaked } from "../support/soak.ts";
import { freePort, PROJECT_STATE, World } from "../support/world.ts";

const CATALOG = oneVersion()
  .replace(/^platforms: .*$/m, `platforms: [${PLATFORMS.join(", ")}]`)
  .replace('"5.4": { branch: "3.22" }', '"5.4": { branch: "3.24" }');
const LUA = "test/lua";
/** All that move with the version, but the tags of its builds. */
const MOVING = ["5.4", "5", "latest", "5.4-dev", "5-dev", "dev"];
const KILLS = soaked(10, 2);
const SEED = seedOf(process.env);
const ENV = { BIRDHOUSE_RUN: "one" };

rememberBuilds();

describe(`what two machines made, joined by one that is killed (TEST_SEED=${SEED})`, () => {
  let world: World;
  let proxy: FaultProxy;
  let close: () => Promise<unknown>;
  const random = randomFrom(SEED);
  const below = (most: number) => Math.floor(random() * most);

  beforeAll(async () => {
    console.info(`TEST_SEED=${SEED}`);
    world = await World.open(editionOf(CATALOG, 0));
    for (const machine of ["near", "far"]) {
      await mkdir(world.path(machine));
      await symlink(join(PROJECT_STATE, "sandbox"), world.path(`${machine}/sandbox`));
    }
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    close = await openLocalRegistry({ host: behind, directory, note: () => {} });
    proxy = await FaultProxy.open(world.registryHost, behind);
    await world.startMirror();
    await halves();
    await succeeds(["join"]);
    await world.writeCatalog(editionOf(CATALOG, 1));
    await halves();
  });
  afterAll(async () => {
    await proxy?.close();
    await close?.();
    await world?.close();
  });

  async function succeeds(words: [string, ...string[]]): Promise<void> {
    const { exitCode, output } = await tryRun(world.commandLine(...words), { env: ENV });
    expect(exitCode, `${words.join(" ")}: ${output}`).toBe(0);
  }

  /** Each on its machine. */
  async function halves(): Promise<void> {
    const [host, far] = [hostPlatform(), PLATFORMS.find((one) => one !== hostPlatform()) ?? ""];
    for (const [platform, machine] of [
      [host, "near"],
      [far, "far"],
    ] as const) {
      await succeeds(["rebuild", "--half", platform, "--engine", "buildah", "--state", world.path(machine)]);
    }
  }

  /** The editions that the tags are of; throws where anything of them is missing. */
  async function editions(): Promise<(string | undefined)[]> {
    const { registry } = world;
    const found = await Promise.all(MOVING.map((tag) => envOf(registry, LUA, tag, "EDITION")));
    return [...new Set(found)];
  }

  it(`leaves each tag as it was or whole, at each of ${KILLS} moments`, { timeout: 1_200_000 }, async () => {
    const seen = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      const about = `TEST_SEED=${SEED}, round ${round}`;
      if (round > 0) await succeeds(["rollback", "lua:5.4"]);
      expect(await editions(), about).toEqual(["0"]);
      await killed(round, ["join", "--engine", "buildah"]);
      // A tag is sent once all that it stands for is there, and all of a version's together.
      const left = await editions();
      for (const edition of left) expect(["0", "1"], about).toContain(edition);
      const published = await readPublished(world.registry, LUA, "5.4");
      expect(published?.platforms, about).toEqual([...PLATFORMS]);
      seen.add(left.join());
      await succeeds(["join", "--engine", "buildah"]);
      expect(await editions(), about).toEqual(["1"]);
    }
    console.info(`tags were at ${[...seen].join("; ")}`);
  });

  /** In every other round once the first tag has moved, else at any time. */
  async function killed(round: number, words: [string, ...string[]]): Promise<void> {
    const [command = "", ...args] = world.commandLine(...words);
    const isTagMove = ({ method, url = "" }: { method?: string | undefined; url?: string | undefined }) =>
      method === "PUT" && /\/lua\/manifests\/[^:]*$/.test(url) && !url.includes(".history");
    let changed: (() => void) | undefined;
    const firstChange = new Promise<void>((done) => (changed = done));
    let arrived = 0;
    proxy.delay = (request) => (isTagMove(request) && ++arrived > 1 ? sleep(500) : undefined);
    proxy.fault = (request, response) => {
      if (isTagMove(request)) response.on("finish", () => setTimeout(() => changed?.(), below(5)));
      return undefined;
    };
    const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...ENV } });
    const exit = once(child, "exit");
    await Promise.race([round % 2 === 0 ? firstChange : sleep(300 + below(9_000)), exit]);
    child.kill("SIGKILL");
    await exit;
    await sleep(700);
    proxy.delay = () => undefined;
    proxy.fault = () => undefined;
  }
});
