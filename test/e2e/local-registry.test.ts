import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { freePort, World } from "../support/world.ts";
import { temporaryDirectory } from "../unit/formats/oci/sample-image.ts";

const isThere = (host: string) =>
  fetch(`http://${host}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  );

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

  it("runs until the last of those who use it has ended, whoever started it", async () => {
    const directory = await temporaryDirectory();
    const host = `127.0.0.1:${await freePort()}`;
    const options = { host, directory, note: () => {} };
    const both = await Promise.all([openLocalRegistry(options), openLocalRegistry(options)]);
    const closeThird = await openLocalRegistry(options);
    for (const close of both) await close();
    expect(await isThere(host)).toBe(true);
    await closeThird();
    expect(await isThere(host)).toBe(false);
    const again = await openLocalRegistry(options);
    expect(await isThere(host)).toBe(true);
    await again();
  });

  it("is kept by serve, to pull from, until that is ended; another machine's is not", async () => {
    const serving = new AbortController();
    const words = world.commandLine("serve", "--profile", "catalog");
    const served = tryRun(words, { signal: serving.signal, grace: 10_000 }).catch(() => undefined);
    await vi.waitFor(async () => expect(await isThere(world.registryHost)).toBe(true), 30_000);
    // As a plan does that comes by: it leaves it running.
    const close = await openLocalRegistry({
      ...{ host: world.registryHost, directory: world.path("state/registry"), note: () => {} },
    });
    await close();
    // Longer than its connections are kept, which are all that a process without a server of its own has to live for.
    await sleep(6_000);
    expect(await isThere(world.registryHost)).toBe(true);
    serving.abort(new Error("enough"));
    await served;
    await vi.waitFor(async () => expect(await isThere(world.registryHost)).toBe(false), 5_000);

    const elsewhere = await world.birdhouse("serve", "--profile", "catalog", "--registry", "ghcr.io/birds");
    expect(elsewhere).toMatchObject({
      exitCode: 2,
      stderr:
        "ghcr.io is not on this machine: it runs without this\n→ pull from it as it is: ghcr.io/birds/IMAGE:TAG\n",
    });
  });

  it("makes no plan that reads as if anything were up to date in it", async () => {
    const { stdout, stderr, exitCode } = await world.birdhouse("plan", "lua:5.4");
    expect(stderr).toContain(`no registry ran at ${world.registryHost}, so one was started: it is new`);
    expect(stdout).toContain(`The registry at ${world.registryHost} was started just now and is empty.`);
    expect(stdout).toContain("2 targets to rebuild");
    expect(stdout).not.toContain("up to date");
    expect(exitCode).toBe(0);
  });

  it("is still there for a plan when the run that started it has ended", async () => {
    // What this one finds is asked of a registry that it did not start.
    const directory = world.path("state/registry");
    const close = await openLocalRegistry({ host: world.registryHost, directory, note: () => {} });
    const holders = async () => {
      const { stdout } = await tryRun([
        "sh",
        "-c",
        `ls -l /proc/*/fd 2>/dev/null | grep "${directory}/in-use$"`,
      ]);
      return stdout.split("\n").length;
    };
    const before = await holders();
    const planning = world.birdhouse("plan", "lua:5.4");
    await vi.waitFor(async () => expect(await holders()).toBeGreaterThan(before), {
      timeout: 30_000,
      interval: 20,
    });
    await close();
    const { exitCode, stdout, output } = await planning;
    expect(exitCode, output).toBe(0);
    expect(stdout).toContain("2 targets to rebuild");
    expect(await isThere(world.registryHost)).toBe(false);
  });
});
