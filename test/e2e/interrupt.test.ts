import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { runCommand, World } from "../support/world.ts";

describe("a rebuild that is interrupted", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
  });
  afterAll(() => world.close());

  /** Starts a rebuild in a process group of its own, as a terminal does, and waits until it builds. */
  async function startRebuild(words = world.commandLine("rebuild", "--engine", "buildah")) {
    const [command = "", ...args] = words;
    const child = spawn(command, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    while (!stderr.includes("building with")) {
      if (child.exitCode !== null) throw new Error(`the rebuild ended with ${child.exitCode}: ${stderr}`);
      await sleep(20);
    }
    return { child, group: -(child.pid ?? 0), stderr: () => stderr };
  }

  /** What of this world is still there: processes that name it, and mounts below it. */
  async function remains(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes(world.directory)) found.push(command.replaceAll("\0", " "));
    }
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
    return [...found, ...mounts.filter((line) => line.includes(world.directory))];
  }

  it.each([100, 1500, 4000])("leaves nothing behind after Ctrl-C, %i ms into the building", async (delay) => {
    const { child, group, stderr } = await startRebuild();
    await sleep(delay);
    const ended = once(child, "exit");
    process.kill(group, "SIGINT");
    const [exitCode] = await ended;
    // On a fast machine the longest delay may find the run at its end.
    expect([130, 0]).toContain(exitCode);
    if (exitCode === 130) expect(stderr()).toContain("interrupted by SIGINT");
    // Its journal ends as it did.
    const { stdout } = await runCommand(["runs", "show", "--json", "--state", world.path("state")]);
    expect(JSON.parse(stdout).exitCode).toBe(exitCode);
    expect(await remains()).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("ends in order when npm hands on the Ctrl-C that it got as well", async () => {
    const [, , ...args] = world.commandLine("rebuild", "--engine", "buildah");
    const command = ["npm", "run", "-s", "birdhouse", "--", ...args];
    const { child, group } = await startRebuild(command);
    await sleep(1500);
    const ended = once(child, "exit");
    process.kill(group, "SIGINT");
    await ended;
    // npm may be gone before what it started.
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("cleans up after a run that was killed, in the next one", async () => {
    const { child } = await startRebuild(world.commandLine("rebuild", "--engine", "buildah"));
    await sleep(500);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    const { exitCode } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(exitCode).toBe(0);
    expect(await remains()).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("has whole pairs in the registry, whenever it was interrupted", async () => {
    await world.startRegistry();
    for (const version of ["5.1", "5.4"]) {
      const runtime = await world.registry.headManifest("test/lua", version);
      const dev = await world.registry.headManifest("test/lua", `${version}-dev`);
      expect(runtime).toBeDefined();
      expect(dev).toBeDefined();
    }
  });

  it("is not ended by output that nobody reads any longer", async () => {
    const line = commandLine(world.commandLine("rebuild", "--engine", "buildah", "--force", "lua"));
    const code = world.path("exit-code");
    // As a person does who has seen enough: both outputs go to a pipe whose reader has left.
    const { exitCode } = await tryRun(["sh", "-c", `{ ${line}; echo $? > ${code}; } 2>&1 | head -n 1`]);
    expect(exitCode).toBe(0);
    expect(await readFile(code, "utf8")).toBe("0\n");
    const { stdout } = await runCommand(["runs", "show", "--json", "--state", world.path("state")]);
    expect(JSON.parse(stdout).exitCode).toBe(0);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });
});
