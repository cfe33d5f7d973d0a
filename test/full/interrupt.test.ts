import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { commandLine } from "../../scripts/system/shown/started.ts";
import { oneVersion } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { StartedCommand } from "../support/started-command.ts";
import { runCommand, World } from "../support/world.ts";

/** The `PATH` of runs that build in any case: those that are interrupted as they build. */
const BUILDING = rememberBuilds();

describe("a rebuild that is interrupted", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(oneVersion());
  });
  afterAll(() => world.close());

  /** Starts a rebuild in a process group of its own, as a terminal does. */
  function startRebuild(words = world.commandLine("rebuild", "--engine", "buildah"), path = BUILDING) {
    const command = new StartedCommand(words, { detached: true, env: { PATH: path } });
    return { command, group: -(command.child.pid ?? 0) };
  }

  /** The command lines of processes that name this world. */
  async function processes(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes(world.directory)) found.push(command.replaceAll("\0", " "));
    }
    return found;
  }

  /** What of this world is still there: processes that name it, and mounts below it. */
  async function remains(): Promise<string[]> {
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
    return [...(await processes()), ...mounts.filter((line) => line.includes(world.directory))];
  }

  /** Waits until the engine is at something: `build`, `push` or, for a smoke test, `run`. */
  const isAt = async (step: string) =>
    (await processes()).some((one) => one.startsWith("buildah ") && one.includes(` ${step} --`));

  it.each(["build", "push", "run"])("leaves nothing behind after Ctrl-C, at buildah's %s", async (step) => {
    // What is smoke-tested may have been built before.
    const { command, group } = startRebuild(undefined, step === "run" ? process.env.PATH : BUILDING);
    await command.until(`buildah ${step}`, () => isAt(step));
    process.kill(group, "SIGINT");
    const { exitCode, stderr } = await command.ended;
    expect(exitCode, stderr).toBe(130);
    expect(stderr).toContain("interrupted by SIGINT");
    // Its journal ends as it did.
    const { stdout } = await runCommand(["runs", "show", "--json", "--state", world.path("state")]);
    expect(JSON.parse(stdout).run.exitCode).toBe(130);
    expect(await remains()).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("ends in order when npm hands on the Ctrl-C that it got as well", async () => {
    const [, , ...args] = world.commandLine("rebuild", "--engine", "buildah", "--force");
    const { command, group } = startRebuild(["npm", "run", "-s", "birdhouse", "--", ...args]);
    await command.until("buildah build", () => isAt("build"));
    process.kill(group, "SIGINT");
    await command.ended;
    // npm may be gone before what it started.
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("cleans up after a run that was killed, in the next one", async () => {
    const { command } = startRebuild(world.commandLine("rebuild", "--engine", "buildah", "--force"));
    await command.until("buildah build", () => isAt("build"));
    await command.end("SIGKILL");
    expect(await readdir(world.path("state/engine"))).not.toEqual([]);
    const { exitCode } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(exitCode).toBe(0);
    expect(await remains()).toEqual([]);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });

  it("has a whole pair in the registry, whenever it was interrupted", async () => {
    await world.startRegistry();
    for (const tag of ["5.4", "5.4-dev"]) {
      expect(await world.registry.headManifest("test/lua", tag), tag).toBeDefined();
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
    expect(JSON.parse(stdout).run.exitCode).toBe(0);
    expect(await readdir(world.path("state/engine"))).toEqual([]);
  });
});
