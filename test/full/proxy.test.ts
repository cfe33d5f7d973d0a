import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { certificateFile, makeCertificate } from "../support/hostile/certificate.ts";
import { Networks, PROXY_ADDRESS, WORLD_ADDRESS } from "../support/networks.ts";
import { BIRDHOUSE, PROJECT_STATE, World } from "../support/world.ts";

const TSX = [process.execPath, "--import", "tsx/esm"];
const HOSTILE = [...TSX, "test/support/hostile/main.ts"];
const PROXY = `http://${PROXY_ADDRESS}:3128`;
const REGISTRY = `${WORLD_ADDRESS}:5443`;
const MIRROR = `http://${WORLD_ADDRESS}:8080`;
/** On the client's own loopback: no other network sees these ports. */
const [INNER, INNER_MIRROR] = ["127.0.0.1:5001", 8081];

const networks = await Networks.open();

describe.skipIf(!networks)(
  "a proxy as the only way out (needs root, iproute2 and network namespaces)",
  () => {
    let world: World;
    const children: ChildProcess[] = [];

    /** A server in one of the networks: Distribution itself and Birdhouse's stand-ins. */
    async function serve(place: "client" | "proxy" | "world", argv: readonly string[], isReady: RegExp) {
      const [program = "", ...args] = networks?.at(place, argv) ?? [];
      const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
      children.push(child);
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (text: Buffer) => {
          said += text.toString();
        });
      }
      for (let waited = 0; !isReady.test(said); waited += 50) {
        if (child.exitCode !== null || waited > 60_000) throw new Error(`${argv.join(" ")}: ${said}`);
        await sleep(50);
      }
    }

    beforeAll(async () => {
      world = await World.open("");
      const tls = world.path("tls");
      await makeCertificate(tls, WORLD_ADDRESS);
      await writeFile(
        world.path("distribution.yml"),
        stringify({
          version: "0.1",
          log: { level: "info", accesslog: { disabled: true } },
          storage: { filesystem: { rootdirectory: world.path("distribution") }, delete: { enabled: true } },
          http: { addr: REGISTRY, tls: { certificate: certificateFile(tls), key: join(tls, "key.pem") } },
        }),
      );
      await serve("world", ["docker-registry", "serve", world.path("distribution.yml")], /listening on/);
      const mirror = ["mirror", "--address", WORLD_ADDRESS, "--port", "8080"];
      const root = ["--root", join(PROJECT_STATE, "sandbox/mirror"), "--log", world.path("mirror.log")];
      await serve("world", [...HOSTILE, ...mirror, ...root], /http:/);
      const proxy = ["proxy", "--address", PROXY_ADDRESS, "--port", "3128", "--log", world.path("proxy.log")];
      await serve("proxy", [...HOSTILE, ...proxy], /http:/);
      const inner = ["test/support/inner-sandbox.ts", world.path("state"), INNER, String(INNER_MIRROR)];
      await serve("client", [...TSX, ...inner], /ready/);
      await writeFile(world.path("proxy.log"), "");
      await writeFile(world.path("mirror.log"), "");
    });
    afterAll(async () => {
      for (const child of children.reverse()) {
        child.stdin?.end();
        const ended = once(child, "exit");
        if (child.exitCode === null && !(await Promise.race([ended, sleep(5_000)]))) {
          child.kill("SIGKILL");
          await ended;
        }
      }
      await networks?.close();
      await world.close();
    });

    const variables = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: "127.0.0.1,localhost" };
    const birdhouse = async (
      command: string,
      args: readonly string[] = [],
      proxy: Record<string, string> = variables,
    ) => {
      const certificate = certificateFile(world.path("tls"));
      const given = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
      const argv = [...BIRDHOUSE, command, ...given, "--profile", "catalog", ...args];
      const result = await tryRun(networks?.at("client", argv) ?? [], {
        env: { NODE_EXTRA_CA_CERTS: certificate, SSL_CERT_FILE: certificate, ...proxy },
      });
      return { ...result, told: `exit ${result.exitCode}: ${result.output}` };
    };
    const writeCatalog = (packages: string) =>
      world.writeCatalog(
        smallCatalog(["lua"])
          .replace("127.0.0.1:5000/test", `${REGISTRY}/test`)
          .replace(
            "https://dl-cdn.alpinelinux.org/alpine",
            `${packages}\n  keys: ${world.path("state/sandbox/keys")}`,
          )
          .replace("docker.io/library/alpine", `${INNER}/sandbox/alpine`),
      );
    const log = async (name: string) =>
      (await readFile(world.path(name), "utf8"))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { method: string; url: string });

    it("is told by doctor, and reaches registry and mirror", async () => {
      await writeCatalog(MIRROR);
      const { exitCode, stdout, told } = await birdhouse("doctor", ["--engine", "buildah"]);
      expect(exitCode, told).toBe(0);
      expect(stdout).toContain(
        `${REGISTRY} by ${PROXY} (HTTPS_PROXY); ${WORLD_ADDRESS}:8080 by ${PROXY} (HTTP_PROXY)`,
      );
      expect(stdout).toMatch(/^✔ registry/m);
      expect(stdout).toMatch(/^✔ mirror/m);
      expect(stdout).toMatch(/^✔ clock/m);
    });

    it("is the way of rebuild, plan, inspect and export, and loopback's is direct", async () => {
      await writeCatalog(`http://127.0.0.1:${INNER_MIRROR}`);
      const built = await birdhouse("rebuild", ["lua:5.4", "--engine", "buildah"]);
      expect(built.exitCode, built.told).toBe(0);
      const inspected = await birdhouse("inspect", ["lua:5.4"]);
      expect(inspected.exitCode, inspected.told).toBe(0);
      expect(inspected.stdout).toContain("lua5.4");
      const exported = await birdhouse("export", ["lua:5.4", "--to", world.path("lua.tar")]);
      expect(exported.exitCode, exported.told).toBe(0);
      expect((await stat(world.path("lua.tar"))).size).toBeGreaterThan(100_000);
      const byProxy = await log("proxy.log");
      expect(byProxy.some(({ method, url }) => method === "CONNECT" && url === REGISTRY)).toBe(true);
      expect(byProxy.filter(({ url }) => url.includes("127.0.0.1"))).toEqual([]);
    });

    it("is the way to a mirror in the world, too: each of its requests came by the proxy", async () => {
      await writeCatalog(MIRROR);
      const { exitCode, told } = await birdhouse("plan");
      expect(exitCode, told).toBe(0);
      const forwarded = (await log("proxy.log")).filter(({ url }) => url.startsWith(`${MIRROR}/`));
      expect(forwarded.length).toBeGreaterThan(0);
      expect(forwarded.map(({ url }) => url.slice(MIRROR.length))).toEqual(
        (await log("mirror.log")).map(({ url }) => url),
      );
    });

    it("is the only way: nothing has gone another one, and without it nothing works", async () => {
      expect(await networks?.strays()).toBe(0);
      const { told } = await birdhouse("doctor", ["--engine", "buildah"], {});
      expect(told).toMatch(/^✘ registry +10\.203\.2\.1:5443 cannot be reached/m);
      expect(await networks?.strays()).toBeGreaterThan(0);
    });
  },
);
