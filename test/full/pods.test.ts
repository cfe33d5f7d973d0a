import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { openPodmanCluster, type PodmanCluster } from "../support/podman-cluster.ts";
import { World } from "../support/world.ts";

/** What a program sees of who and where it is, as lines of a Lua program that prints one value. */
const STATUS = (field: string) => `print(io.open('/proc/self/status'):read('a'):match('${field}:%s+(%x+)'))`;

/** One Lua, with checks of what a Pod gives its containers. */
const CATALOG = `${oneVersion()}
    checks:
      env: { run: [lua, -e, "print(os.getenv('BIRD'))"], env: { BIRD: a wren }, prints: a wren }
      made: { build: [sh, -c, "echo 'return 42' > made.lua"], run: [lua, -e, "print((require('made')))"], prints: "42" }
      own: { in: runtime, run: [lua, -e, "${STATUS("Uid")}"], prints: "65532" }
      dev: { in: dev, run: [lua, -e, "${STATUS("Uid")}"], prints: "10001" }
      another: { in: runtime, user: "4711", run: [lua, -e, "${STATUS("Uid")}"], prints: "4711" }
      rights: { run: [lua, -e, "${STATUS("CapBnd")}"], prints: "0000000000000000" }
      closed: { in: runtime, run: [lua, -e, "assert(io.open('new', 'w'))"], fails: Read-only file system }
      root: { in: dev, user: "0", run: [lua, -e, "${STATUS("Uid")}"], prints: "0" }
      tls: { run: [lua, -e, "os.exit(1)"], tls: true }
    example:
      test: [lua, test.lua]
      build: [sh, -c, "echo 'return 43' > made.lua"]
      run: [lua, app.lua]
      output: "43"
`;

describe("smoke tests in pods", () => {
  let world: World;
  let cluster: PodmanCluster;

  beforeAll(async () => {
    cluster = await openPodmanCluster(["birdhouse-smoke"]);
    world = await World.open(CATALOG);
    await mkdir(world.path("examples/lua"), { recursive: true });
    await writeFile(world.path("examples/lua/app.lua"), "print((require('made')))\n");
    await writeFile(world.path("examples/lua/test.lua"), "assert(1 + 1 == 2)\n");
    await world.startRegistry();
  });
  afterAll(async () => {
    await world.close();
    await cluster.close();
  });

  const run = (verb: string, namespace: string, env: Readonly<Record<string, string>> = {}) =>
    tryRun(world.commandLine(verb, "lua:5.4", "--smoke-pods", namespace), {
      env: { ...cluster.env, ...env },
    });
  const tags = () => world.registry.listTags("test/lua").catch(() => []);

  it("are refused before anything is built where there is no such namespace", async () => {
    const { exitCode, output } = await run("rebuild", "nowhere");
    expect(output).toContain("the cluster has no namespace nowhere for the Pods of smoke tests");
    expect(output).not.toContain("build ");
    expect(exitCode).toBe(2);
  });

  it("publish nothing where the nodes cannot pull what is tested, and say why", async () => {
    const registries = world.path("registries.conf");
    await writeFile(registries, `[[registry]]\nlocation = "${world.registryHost}"\nblocked = true\n`);
    const { exitCode, output } = await run("rebuild", "birdhouse-smoke", { NODES_REGISTRIES: registries });
    expect(output).toMatch(/the image 127\.0\.0\.1:\d+\/test\/lua@sha256:\w+ cannot be pulled for the Pod/);
    expect(output).toContain("is blocked in");
    expect(output).toContain("imagePullSecrets");
    expect(output).toMatch(/repeat it with: .* --smoke-pods birdhouse-smoke/);
    expect(exitCode).toBe(1);
    expect(await tags()).toEqual([]);
    expect(await cluster.pods()).toEqual([]);
  });

  it("run what was built, by digest, as the Pod's manifest says, and then it is published", async () => {
    // One of a run that was killed yesterday, on a machine that is no more, and one of a run of today.
    const left = (hours: number) => ({
      metadata: {
        name: `left-${hours}`,
        creationTimestamp: new Date(Date.now() - hours * 3_600_000).toISOString(),
        annotations: { "birdhouse/run": "00000000-0000-0000-0000-000000000000 pid:[1] 2 3" },
      },
      spec: { containers: [] },
    });
    for (const hours of [1, 24]) await cluster.leave(`left-${hours}`, left(hours));
    const { exitCode, output } = await run("rebuild", "birdhouse-smoke");
    expect(output).toContain("2 targets published, 0 failed");
    expect(exitCode).toBe(0);
    expect(output).toContain("lua:5.4: the check tls is left out, as a Pod does not reach the server");
    expect(output).toContain("lua:5.4: the check root is left out, as nobody is root in a Pod");
    const containers = (await cluster.calls()).flatMap(
      (call) => /^exec \S+ --container (\S+)/.exec(call)?.[1] ?? [],
    );
    expect((await cluster.calls()).filter((call) => call.includes(" -- /usr/src/app lua"))).toHaveLength(2);
    expect(new Set(containers)).toEqual(
      new Set(["dev-10001-10001", "runtime-65532-65532", "runtime-1000-1000-read-only", "runtime-4711"]),
    );
    expect(await tags()).toEqual(expect.arrayContaining(["5.4", "5.4-dev"]));
    expect(await cluster.pods()).toEqual(["left-1"]);
  });

  it("that fail move no tag, and leave no Pod", async () => {
    const before = await world.registry.headManifest("test/lua", "5.4");
    await world.writeCatalog(CATALOG.replace("print('hello, world')", "print('good night')"));
    const { exitCode, output } = await run("smoke", "birdhouse-smoke");
    expect(output).toContain('should print "hello, world" but printed: good night');
    expect(exitCode).toBe(1);
    expect((await world.registry.headManifest("test/lua", "5.4"))?.digest).toBe(before?.digest);
    expect(await cluster.pods()).toEqual(["left-1"]);
  });

  it("that are interrupted leave no Pod", async () => {
    await world.writeCatalog(CATALOG.replace("print('hello, world')", "while true do end"));
    const ending = new AbortController();
    const calls = (await cluster.calls()).length;
    const running = tryRun(world.commandLine("smoke", "lua:5.4", "--smoke-pods", "birdhouse-smoke"), {
      env: cluster.env,
      signal: ending.signal,
      grace: 60_000,
    }).catch(() => undefined);
    await expect
      .poll(async () => (await cluster.calls()).slice(calls).some((call) => call.includes("while true")), {
        timeout: 60_000,
        interval: 200,
      })
      .toBe(true);
    ending.abort(new Error("enough"));
    await running;
    expect(await cluster.pods()).toEqual(["left-1"]);
  });
});
