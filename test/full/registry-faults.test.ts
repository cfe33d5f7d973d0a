import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { freePort, World } from "../support/world.ts";

rememberBuilds();

describe("a plan, with a registry that fails", () => {
  let world: World;
  let proxy: FaultProxy;
  let closeRegistry: () => Promise<unknown>;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    const behind = `127.0.0.1:${await freePort()}`;
    closeRegistry = await openLocalRegistry({
      host: behind,
      directory: world.path("state/registry"),
      note: () => {},
    });
    proxy = await FaultProxy.open(world.registryHost, behind);
    const { exitCode } = await world.json("rebuild", "lua:5.4", "--engine", "buildah");
    expect(exitCode).toBe(0);
  });
  afterEach(() => {
    proxy.fault = () => undefined;
  });
  afterAll(async () => {
    await proxy?.close();
    await closeRegistry?.();
    await world?.close();
  });

  /** Target → whether it is due. */
  async function planned(env: Readonly<Record<string, string>> = {}): Promise<Record<string, boolean>> {
    const { stdout, stderr } = await tryRun(world.commandLine("plan", "--json"), { env });
    if (!stdout.startsWith("{")) throw new Error(stderr);
    const { plan } = JSON.parse(stdout) as { plan: { target: string; rebuild: boolean }[] };
    return Object.fromEntries(plan.map(({ target, rebuild }) => [target, rebuild]));
  }

  const RIGHT = { "lua:5.4": false, "lua:5.4-dev": false, "lua:5.1": true, "lua:5.1-dev": true };

  it.each<[string, (count: number) => number | undefined]>([
    ["answers 500 to every third request", (count) => (count % 3 === 0 ? 500 : undefined)],
    ["answers 503 to the first five", (count) => (count <= 5 ? 503 : undefined)],
    ["breaks every third connection", (count) => (count % 3 === 0 ? 0 : undefined)],
  ])("is right where it %s", async (_, failure) => {
    let count = 0;
    proxy.fault = (_request, response) => {
      const status = failure(++count);
      if (status === undefined) return undefined;
      if (status === 0) response.destroy();
      else response.writeHead(status).end();
      return "answered";
    };
    expect(await planned()).toEqual(RIGHT);
    expect(count).toBeGreaterThan(5);
  });

  it("waits as long as a registry says that limits the rate", async () => {
    let limited = 0;
    let earliest = Number.POSITIVE_INFINITY;
    const early: string[] = [];
    proxy.fault = ({ url = "" }, response) => {
      if (!url.includes("/lua/manifests/5.4-dev")) return undefined;
      if (limited++ === 0) {
        earliest = performance.now() + 1000;
        response.writeHead(429, { "retry-after": "1" }).end();
        return "answered";
      }
      // A timer may be a little early.
      if (performance.now() < earliest - 20) early.push(url);
      return undefined;
    };
    expect(await planned()).toEqual(RIGHT);
    expect({ limited, early }).toEqual({ limited: 2, early: [] });
  });

  it("tells of the one tag that it fails on, and of all others as ever", async () => {
    // One that is not tried again: what passes has its own tests.
    proxy.fault = ({ url = "" }, response) => {
      if (!/\/lua\/manifests\/5\.4-dev(?:\.history)?$/.test(url)) return undefined;
      response.writeHead(501).end();
      return "answered";
    };
    const status = await world.birdhouse("status");
    expect(status.stdout).toMatch(/^lua:5\.4 +5\.4\.\S+ .*up to date$/m);
    expect(status.stdout).toMatch(/^lua:5\.4-dev +- .*could not be read: .*HTTP 501/m);
    expect(status.exitCode).toBe(1);
    const history = await world.birdhouse("history", "lua:5.4*");
    expect(history.stdout).toMatch(/^lua:5\.4:\n.* now$/m);
    expect(history.stdout).toMatch(/^✖ lua:5\.4-dev: could not be read: .*HTTP 501/m);
    expect(history.exitCode).toBe(1);
    const scan = await world.birdhouse("scan");
    expect(scan.stdout).toMatch(/^✖ lua:5\.4-dev: it could not be read: .*HTTP 501/m);
    expect(scan.stdout).toContain("Nobody can tell what is open now.");
    expect(scan.exitCode).toBe(1);
    const site = await world.birdhouse("site", "--output", world.path("site"));
    expect(site.stdout).toContain("Could not be found out:\nlua:5.4-dev: ");
    expect(site.exitCode).toBe(1);
    const page = await readFile(world.path("site/images/lua.html"), "utf8");
    expect(page).toMatch(/The registry did not show it: [^<]*HTTP 501/);
    expect(page).toContain(`FROM ${world.namespace}/lua:5.4@sha256:`);
    // Where it shows nothing, nothing can be told.
    proxy.fault = (_request, response) => {
      response.writeHead(501).end();
      return "answered";
    };
    const down = await world.birdhouse("history", "lua:5.4");
    expect([down.stdout, down.exitCode]).toEqual(["", 1]);
  });

  describe("that wants a token", () => {
    const TOKEN = "a-token";
    const basic = (user: string) => `Basic ${Buffer.from(user).toString("base64")}`;

    function wantToken(user: string): void {
      proxy.fault = ({ url = "", headers }, response) => {
        if (url.startsWith("/token")) {
          if (headers.authorization === basic(user)) {
            response
              .writeHead(200, { "content-type": "application/json" })
              .end(JSON.stringify({ token: TOKEN }));
          } else response.writeHead(401).end();
          return "answered";
        }
        if (headers.authorization === `Bearer ${TOKEN}`) return undefined;
        const realm = `http://${world.registryHost}/token`;
        response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="test"` }).end();
        return "answered";
      };
    }

    async function dockerConfig(user: string): Promise<string> {
      const folder = world.path(`docker-${user.length}`);
      const auths = { [world.registryHost]: { auth: Buffer.from(user).toString("base64") } };
      await mkdir(folder, { recursive: true });
      await writeFile(`${folder}/config.json`, JSON.stringify({ auths }));
      return folder;
    }

    it("logs in with what Docker knows", async () => {
      wantToken("wren:secret");
      expect(await planned({ DOCKER_CONFIG: await dockerConfig("wren:secret") })).toEqual(RIGHT);
    });

    it("says which registry refuses which credentials", async () => {
      wantToken("wren:secret");
      const folder = await dockerConfig("wren:wrong");
      const { exitCode, stdout, stderr } = await tryRun(world.commandLine("plan"), {
        env: { DOCKER_CONFIG: folder },
      });
      expect(exitCode).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toContain(world.registryHost);
      expect(stderr).toContain(`${folder}/config.json`);
      expect(stderr).not.toContain("wrong");
    });
  });
});
