import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oneVersion } from "../support/catalogs.ts";
import { seenOutputs, validOutput } from "../support/outputs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { runCommand, World } from "../support/world.ts";

rememberBuilds();

const BUILDAH = ["--engine", "buildah"] as const;

describe("what commands print with --json", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(oneVersion());
    await world.startRegistry();
  });
  afterAll(() => world.close());

  /** Prints it in the world, and has it read. */
  const output = async (command: string, ...args: readonly string[]) => {
    const { stdout, exitCode } = await world.birdhouse(command, "--json", ...args);
    return { ...validOutput(stdout), exitCode } as Record<string, unknown>;
  };
  /** Of a command that opens no registry. */
  const plainOutput = async (...args: readonly string[]) => {
    const { stdout, exitCode } = await runCommand([...args, "--json"]);
    return { ...validOutput(stdout), exitCode } as Record<string, unknown>;
  };

  it("is as its schema says: before and while something is published", async () => {
    expect(await output("rebuild", "--dry-run", ...BUILDAH)).toMatchObject({
      version: 1,
      command: "rebuild",
    });
    expect(await output("status")).toMatchObject({ command: "status", status: [{ digest: null }, {}] });
    expect(await output("rebuild", ...BUILDAH)).toMatchObject({ exitCode: 0, run: expect.any(String) });
    expect(await output("plan", ...BUILDAH)).toMatchObject({
      command: "plan",
      plan: [{ rebuild: false }, {}],
    });
    for (const verb of ["build", "smoke", "publish"]) {
      expect(await output(verb, "lua", ...BUILDAH)).toMatchObject({ command: verb, exitCode: 0 });
    }
  });

  it("is as its schema says: what is published", async () => {
    for (const verb of ["explain", "inspect", "history", "sizes"]) {
      expect(await output(verb, "lua")).toMatchObject({ version: 1, command: verb, exitCode: 0 });
    }
    for (const verb of ["status", "scan"]) {
      expect(await output(verb)).toMatchObject({ version: 1, command: verb });
    }
    await output("prune", "--dry-run");
    const to = world.path("lua.tar");
    expect(await output("export", "--to", to)).toMatchObject({ command: "export", exitCode: 0 });
    expect(await output("import", to, "--dry-run")).toMatchObject({ command: "import", exitCode: 0 });
    const digest = (await world.registry.headManifest("test/lua", "5.4"))?.digest ?? "";
    const held = await output("rollback", "lua:5.4", "--to", digest, "--hold", "1d", "--dry-run");
    expect(held).toMatchObject({ command: "rollback", hold: { reason: "" }, exitCode: 0 });
    await output("rollback", "lua:5.4", "--release", "--dry-run");
    expect(await output("site", "--output", world.path("site"))).toMatchObject({ site: { images: 1 } });
  });

  it("is as its schema says: the catalog, this machine and what it remembers", async () => {
    const catalog = ["--catalog", world.path("catalog.yaml")];
    const state = ["--state", world.path("state")];
    expect(await plainOutput("check", ...catalog)).toMatchObject({ valid: true, exitCode: 0 });
    expect(await plainOutput("list", ...catalog)).toMatchObject({ targets: [{ target: "lua:5.4" }, {}] });
    expect(await plainOutput("render", "--check", ...catalog)).toMatchObject({ command: "render" });
    expect(await plainOutput("clean", "--dry-run", ...catalog, ...state)).toMatchObject({ dryRun: true });
    expect(await plainOutput("runs", ...state)).toMatchObject({ command: "runs", runs: expect.any(Array) });
    expect(await plainOutput("runs", "show", ...state)).toMatchObject({ command: "runs show", run: {} });
    expect(await output("doctor", ...BUILDAH)).toMatchObject({
      command: "doctor",
      checks: expect.any(Array),
    });
  });

  it("tells of a failure as its schema says, and on standard error to people", async () => {
    const unknown = await world.birdhouse("plan", "--json", "no-such");
    expect(unknown.stderr).toContain("no-such");
    expect(validOutput(unknown.stdout)).toMatchObject({
      ...{ version: 1, command: "plan" },
      error: { message: expect.stringContaining("no-such"), hint: expect.any(String), exitCode: 2 },
    });
    expect(await plainOutput("plan", "--colour")).toMatchObject({
      error: { message: expect.stringContaining("--colour"), exitCode: 2 },
      ...{ command: "plan", exitCode: 2 },
    });
    await world.writeCatalog(oneVersion().replace("description", "descripton"));
    expect(await output("status")).toMatchObject({
      ...{ command: "status", exitCode: 2 },
      error: { exitCode: 2, problems: [{ subject: "descripton", line: expect.any(Number) }] },
    });
    const mistakes = await plainOutput("check", "--catalog", world.path("catalog.yaml"));
    expect(mistakes).toMatchObject({ valid: false, problems: [{ subject: "descripton" }], exitCode: 2 });
    await world.writeCatalog(oneVersion());
  });

  it.each(["sandbox", "serve"])("is one document where %s goes on until it is ended", async (verb) => {
    const [program = "", ...args] = world.commandLine(verb, "--json");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += String(chunk);
      if (stdout.endsWith("}\n")) child.kill("SIGINT");
    });
    await once(child, "close");
    expect(validOutput(stdout)).toMatchObject({ command: verb, images: world.namespace });
  });

  it("has each of its schemas looked at", async () => {
    const names = (await readdir("docs/json")).map((file) => file.replace(/\.schema\.json$/, ""));
    // What they need is in the tests of halves, promote, ledger (a list of fixes) and update (one of releases).
    const elsewhere = ["join", "promote", "status-cve", "update"];
    expect(names.filter((name) => !seenOutputs.has(name)).sort()).toEqual(elsewhere);
  });
});
