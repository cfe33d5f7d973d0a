import { once } from "node:events";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { oneVersion } from "../support/catalogs.ts";
import { type DockerDaemon, startDocker } from "../support/docker-daemon.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { editionOf, envOf } from "../support/published-pairs.ts";
import { StartedCommand } from "../support/started-command.ts";
import { freePort, PROJECT_STATE, World } from "../support/world.ts";

const REPOSITORY = "test/lua";
const TAGS = ["5.4", "5.4-dev"];
/** A push of a tag, by its path; of those that list what is attached to an image there is nothing to move. */
const TAG = new RegExp(`^/v2/${REPOSITORY}/manifests/(?!sha256-)[\\w.-]*$`);

describe("a run that is hit in the middle", () => {
  let world: World;
  let proxy: FaultProxy;
  let behind: string;
  let closeRegistry: () => Promise<unknown>;
  let edition = 0;

  beforeAll(async () => {
    world = await World.open("");
    behind = `127.0.0.1:${await freePort()}`;
    await startRegistry();
    proxy = await FaultProxy.open(world.registryHost, behind);
    await nextEdition();
    expect((await world.birdhouse("rebuild", "--engine", "buildah")).exitCode).toBe(0);
  });
  afterEach(() => {
    proxy.fault = () => undefined;
  });
  afterAll(async () => {
    await proxy?.close();
    await closeRegistry?.();
    await world?.close();
  });

  /** Without the lock of a run that could not give it back: to wait for the end of its lease is lock.test.ts' part. */
  async function restartRegistry(): Promise<void> {
    await startRegistry();
    const lock = await world.registry.headManifest("test/birdhouse", "lock");
    if (lock) await world.registry.deleteManifest("test/birdhouse", lock.digest);
  }

  async function startRegistry(): Promise<void> {
    const directory = world.path("registry");
    await mkdir(directory, { recursive: true });
    closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
  }

  /** Ends the registry as a power cut does. */
  async function killRegistry(): Promise<void> {
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes(world.path("registry"))) process.kill(Number(pid), "SIGKILL");
    }
  }

  /** Makes everything due, with content of its own. */
  async function nextEdition(): Promise<void> {
    await world.writeCatalog(editionOf(oneVersion(), ++edition));
  }

  /** The editions that the tags point at; throws where anything of an image is missing. */
  async function editions(): Promise<string[]> {
    return Promise.all(
      TAGS.map(async (tag) => `${tag} ${await envOf(world.registry, REPOSITORY, tag, "EDITION")}`),
    );
  }

  const all = (which: number) => TAGS.map((tag) => `${tag} ${which}`);

  it("by a disk that is full: says so, moves no tag, and goes on when there is room", async () => {
    const small = world.path("small");
    await mkdir(small);
    await run(["mount", "-t", "tmpfs", "-o", "size=60m", "birdhouse-test", small]);
    try {
      await symlink(`${PROJECT_STATE}/sandbox`, `${small}/sandbox`);
      await nextEdition();
      const options = ["--engine", "buildah", "--state", small];
      const full = await world.birdhouse("rebuild", ...options);
      expect(full.stdout).toMatch(/no space left on device/i);
      expect(full.stdout).toContain("→ the disk is full: make room");
      expect(full.exitCode).toBe(1);
      expect(await editions()).toEqual(all(edition - 1));
      await run(["mount", "-o", "remount,size=2g", small]);
      expect((await world.birdhouse("rebuild", ...options)).exitCode).toBe(0);
      expect(await editions()).toEqual(all(edition));
      expect(await readdir(`${small}/engine`)).toEqual([]);
    } finally {
      await unmountBelow(small);
    }
  });

  it("by a registry that dies while content arrives: no tag moves, and the next run finishes", async () => {
    await nextEdition();
    proxy.fault = ({ method, url = "" }) => {
      if (method === "PUT" && url.startsWith(`/v2/${REPOSITORY}/blobs/uploads/`)) void killRegistry();
      return undefined;
    };
    const hit = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(hit.stdout).toContain(`→ check that ${world.registryHost} runs`);
    expect(hit.exitCode).toBe(1);
    proxy.fault = () => undefined;
    await restartRegistry();
    expect(await editions()).toEqual(all(edition - 1));
    expect((await world.birdhouse("rebuild", "--engine", "buildah")).exitCode).toBe(0);
    expect(await editions()).toEqual(all(edition));
  });

  it("by a registry that dies when the first of the tags has moved: the next run moves the others", async () => {
    await nextEdition();
    let dead: Promise<unknown> | undefined;
    proxy.fault = ({ method, url = "" }, response) => {
      if (method !== "PUT" || !TAG.test(url)) return undefined;
      if (!dead) {
        dead = once(response, "finish").then(killRegistry);
        return undefined;
      }
      // What was sent with it comes too late.
      void dead.then(() => response.destroy());
      return "answered";
    };
    const hit = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(hit.stdout).toContain("could not go back");
    expect(hit.stdout).toContain("the next run first finishes what this one began");
    expect(hit.exitCode).toBe(1);
    proxy.fault = () => undefined;
    await restartRegistry();
    const next = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(next.stderr).toContain("an earlier run ended while it moved tags; moved");
    expect(next.exitCode).toBe(0);
    expect(await editions()).toEqual(all(edition));
  });

  it("by a Docker daemon that dies while it builds: says so, and the next run finishes", async () => {
    let docker: DockerDaemon = await startDocker();
    try {
      await nextEdition();
      const hit = new StartedCommand(world.commandLine("rebuild", "--engine", "docker"), { env: docker.env });
      await hit.builds("docker");
      await sleep(500);
      await docker.kill();
      const { exitCode, stdout } = await hit.ended;
      expect(stdout).toContain("→ the Docker daemon stopped");
      expect(exitCode).toBe(1);
      expect(await editions()).toEqual(all(edition - 1));
      await docker.close();
      docker = await startDocker();
      const next = await tryRun(world.commandLine("rebuild", "--engine", "docker"), { env: docker.env });
      expect(next.exitCode, next.output).toBe(0);
      expect(await editions()).toEqual(all(edition));
    } finally {
      await docker.close();
    }
  });
});
