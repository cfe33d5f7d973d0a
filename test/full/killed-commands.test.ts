import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "../../scripts/catalog/load.ts";
import { type Catalog, releasesOf } from "../../scripts/model/target.ts";
import { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { publishEdition } from "../support/cheap-images.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { envOf } from "../support/published-pairs.ts";
import { randomFrom, seedOf } from "../support/random.ts";
import { soaked } from "../support/soak.ts";
import { moverOf } from "../support/tag-mover.ts";
import { freePort, World } from "../support/world.ts";

const REPOSITORY = "test/lua";
const KILLS = soaked(12, 3);
const REVISION = "5.4.7-r0";
const SEED = seedOf(process.env);
/** All that move with the version 5.4, but the tags of its builds. */
const TAGS = ["5.4", "5", "latest", "5.4.7", "5.4-dev", "5-dev", "dev", "5.4.7-dev"];

/** What a killed command was at. */
type Moment = (request: { method?: string | undefined; url?: string | undefined }) => boolean;
const isTagMove: Moment = ({ method, url = "" }) =>
  method === "PUT" && /\/lua\/manifests\/[^:]*$/.test(url) && !/\.history|\/sha256-/.test(url);
const isRemoval: Moment = ({ method, url = "" }) => method === "DELETE" && url.includes("/lua/manifests/");

describe(`commands that are killed with -9 (TEST_SEED=${SEED})`, () => {
  let world: World;
  let proxy: FaultProxy;
  let closeRegistry: () => Promise<unknown>;
  /** The registry without the proxy before it. */
  let behind: string;
  let catalog: Catalog;
  const random = randomFrom(SEED);
  const below = (most: number) => Math.floor(random() * most);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  /** Edition → digest of its runtime image. */
  const digests: string[] = [];

  beforeAll(async () => {
    console.info(`TEST_SEED=${SEED}`);
    world = await World.open(smallCatalog(["lua"]));
    behind = `127.0.0.1:${await freePort()}`;
    closeRegistry = await openLocalRegistry({
      ...{ host: behind, directory: world.path("state/registry"), note: () => {} },
    });
    proxy = await FaultProxy.open(world.registryHost, behind);
    catalog = await loadCatalog(world.path("catalog.yaml"));
    for (let edition = 0; edition < 3; edition++) {
      await published(edition);
      const { exitCode, stderr } = await world.birdhouse(
        "export",
        "lua:5.4",
        "--to",
        world.path(`export-${edition}`),
      );
      expect(exitCode, stderr).toBe(0);
    }
  });
  afterAll(async () => {
    await proxy?.close();
    await closeRegistry?.();
    await world?.close();
  });

  async function published(edition: number): Promise<string[]> {
    const found = await publishedIn("test", world.registry, edition);
    digests[edition] = found[0] ?? "";
    return found;
  }

  async function publishedIn(path: string, registry: Registry, edition: number): Promise<string[]> {
    const release = releasesOf(catalog.targets).find(({ version }) => version === "5.4");
    if (!release) throw new Error("the catalog has no lua:5.4");
    return publishEdition(path, {
      ...{ registry, targets: catalog.targets, pair: [release.runtime, release.dev] },
      ...{ edition, keep: 10, revision: REVISION },
      mover: moverOf({
        ...{ registry, namespace: { registry: registry.host, path }, clock: () => new Date() },
        journals: world.path("elsewhere"),
      }),
    });
  }

  /** The editions that the tags point at; throws where anything of them is missing. */
  async function editions(): Promise<(string | undefined)[]> {
    const { registry } = world;
    const found = await Promise.all(TAGS.map((tag) => envOf(registry, REPOSITORY, tag, "EDITION")));
    return [...new Set(found)];
  }

  /** An edition that the tags do not point at: what moves nothing cannot be killed over it. */
  async function another(): Promise<number> {
    const now = await editions();
    return oneOf([0, 1, 2].filter((edition) => !now.includes(String(edition))));
  }

  const journals = () => readdir(world.path("state/journals")).catch(() => []);

  /**
   * Starts a command, and kills it: in every other round once the first of its changes has arrived and the others have
   * not, else at any time.
   */
  async function killed(round: number, moment: Moment, ...args: [string, ...string[]]): Promise<void> {
    const [command = "", ...words] = world.commandLine(...args);
    const passes = 1 + below(2);
    let arrived = 0;
    let changed: (() => void) | undefined;
    const firstChange = new Promise<void>((done) => (changed = done));
    proxy.delay = (request) => (moment(request) && ++arrived > passes ? sleep(500) : undefined);
    proxy.fault = (request, response) => {
      if (moment(request)) response.on("finish", () => setTimeout(() => changed?.(), below(5)));
      return undefined;
    };
    const child = spawn(command, words, { stdio: "ignore" });
    const exit = once(child, "exit");
    await Promise.race([round % 2 === 0 ? firstChange : sleep(200 + below(1_500)), exit]);
    child.kill("SIGKILL");
    await exit;
    // What was on its way when it was killed still arrives; what the proxy holds does not.
    await sleep(700);
    proxy.delay = () => undefined;
    proxy.fault = () => undefined;
  }

  async function succeeds(...args: [string, ...string[]]): Promise<string> {
    const { exitCode, stdout, stderr } = await world.birdhouse(...args);
    expect(exitCode, `${args.join(" ")}: ${stdout}${stderr}`).toBe(0);
    return stderr;
  }

  /** What may come next: whatever it is, it finishes first what was begun. */
  const nextCommand = (): [string, ...string[]] =>
    oneOf<[string, ...string[]]>([
      ["prune", "lua"],
      ["import", world.path(`export-${below(3)}`)],
      ["rollback", "lua:5.4-dev", "--release"],
      ["publish", "lua:5.1", "--engine", "buildah"],
      ["rollback", "lua:5.4", "--to", oneOf(digests.slice(0, 3))],
    ]);

  /** @returns whether the tags were apart, or a change was not finished */
  async function isMended(round: number): Promise<boolean> {
    const about = `TEST_SEED=${SEED}, round ${round}`;
    const before = await editions();
    const isPending = (await journals()).length > 0;
    if (before.length > 1) expect(isPending, `${about}: tags are apart, and no journal says so`).toBe(true);
    const said = await succeeds(
      ...oneOf<[string, ...string[]]>([
        ["history", "lua:5.4"],
        ["inspect", "lua:5.4"],
      ]),
    );
    expect(said.includes("this is not finished yet"), `${about}: ${said}`).toBe(isPending);
    expect(await editions(), `${about}: a command that shows something changed something`).toEqual(before);
    const next = nextCommand();
    const { exitCode, stdout, stderr } = await world.birdhouse(...next);
    // An import leaves what is held, and nothing was built that could be published: both finish first what was begun.
    const fails = next[0] === "publish" || (next[0] === "import" && stderr.includes("is held until"));
    expect(exitCode === 0, `${about}, ${next.join(" ")}: ${stdout}${stderr}`).toBe(!fails);
    expect(await editions(), `${about}: after ${next.join(" ")}`).toHaveLength(1);
    expect(await journals(), about).toEqual([]);
    return isPending;
  }

  it.each([
    ["rollback", (to: number) => ["rollback", "lua:5.4", "--to", digests[to] ?? "", "--hold", "1h"] as const],
    ["import", (to: number) => ["import", world.path(`export-${to}`)] as const],
  ])("a %s leaves no tags apart that the next command does not bring together", async (name, words) => {
    await succeeds("rollback", "lua:5.4", "--release");
    let pending = 0;
    for (let round = 0; round < KILLS; round++) {
      await succeeds("rollback", "lua:5.4", "--release");
      const [command, ...args] = words(await another());
      await killed(round, isTagMove, command, ...args);
      if (await isMended(round)) pending++;
    }
    expect(pending, `${name}: too few were killed in time`).toBeGreaterThan(KILLS / 4);
  });

  it("a promote leaves no tags apart that the next command does not bring together", async () => {
    const staging = new Registry(behind);
    let pending = 0;
    for (let round = 0; round < KILLS; round++) {
      await succeeds("rollback", "lua:5.4", "--release");
      await publishedIn("staging", staging, 10 + round);
      const words = ["promote", `${behind}/staging`, world.namespace, "lua:5.4"] as const;
      await killed(round, isTagMove, ...words);
      if (await isMended(round)) pending++;
      // What was killed early enough to have sent nothing goes on now; what went on before is left alone.
      await succeeds(...words);
      expect(await editions(), `TEST_SEED=${SEED}, round ${round}`).toHaveLength(1);
    }
    expect(pending, "too few were killed in time").toBeGreaterThan(KILLS / 4);
  });

  it("two at once, either of them killed, leave no tags apart that the next command does not bring together", async () => {
    await succeeds("rollback", "lua:5.4", "--release");
    for (let round = 0; round < KILLS / 2; round++) {
      const runs = [0, 1].map(() => {
        const [command = "", ...words] = world.commandLine(
          ...oneOf<[string, ...string[]]>([
            ["import", world.path(`export-${below(3)}`)],
            ["rollback", "lua:5.4", "--to", oneOf(digests.slice(0, 3))],
          ]),
        );
        const child = spawn(command, words, { stdio: "ignore" });
        return { child, exit: once(child, "exit") };
      });
      for (const { child } of runs.slice(below(2))) {
        await sleep(below(2_000));
        child.kill("SIGKILL");
      }
      await Promise.all(runs.map(({ exit }) => exit));
      await sleep(200);
      await isMended(round);
    }
  });

  it("a prune removes what it began to remove, and nothing else", async () => {
    await succeeds("rollback", "lua:5.4", "--release");
    const original = await world.readCatalog();
    await world.writeCatalog(original.replace("    versions:", "    policy: { keep: 1 }\n    versions:"));
    const gone: string[] = [];
    let pending = 0;
    for (let round = 0; round < KILLS; round++) {
      gone.push(...(await partsOf(await published(1_000 + round))));
      await published(2_000 + round);
      await killed(round, isRemoval, "prune", "lua");
      if ((await journals()).length > 0) pending++;
      expect(await editions(), `TEST_SEED=${SEED}, round ${round}`).toEqual([`${2_000 + round}`]);
      await succeeds("prune", "lua");
      expect(await journals()).toEqual([]);
      for (const digest of gone) {
        expect(
          await world.registry.headManifest(REPOSITORY, digest),
          `TEST_SEED=${SEED}, round ${round}`,
        ).toBeUndefined();
      }
    }
    expect(pending, "too few were killed in time").toBeGreaterThan(KILLS / 4);
    await world.writeCatalog(original);
  });

  /** Indexes, and the images of their platforms. */
  async function partsOf(indexes: readonly string[]): Promise<string[]> {
    const parts = await Promise.all(
      indexes.map(async (digest) => {
        const index = await world.registry.getManifest(REPOSITORY, digest);
        const { manifests } = JSON.parse(Buffer.from(index?.bytes ?? []).toString()) as {
          manifests: { digest: string }[];
        };
        return manifests.map((one) => one.digest);
      }),
    );
    return [...indexes, ...parts.flat()];
  }
});
