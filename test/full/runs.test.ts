import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../scripts/model/run.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { validOutput } from "../support/outputs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { freePort, runCommand, World } from "../support/world.ts";

/** The `PATH` of a run that builds all the same. */
const BUILDING = rememberBuilds();

/** A catalog in which one version asks for what there is not: apk says so at once. */
function broken(version: string, catalog: string): string {
  return catalog.replace(`"${version}": {`, `"${version}": { runtime: { packages: [no-such-package] },`);
}

/** Nights of one catalog, in order: what one leaves the next one finds. */
describe("the account of runs", () => {
  let world: World;
  let server: Server;
  let catalog: string;
  const told: { text: string }[] = [];

  beforeAll(async () => {
    const port = await freePort();
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk;
      });
      request.on("end", () => {
        told.push(JSON.parse(body));
        response.end();
      });
    });
    server.listen(port, "127.0.0.1");
    const settings = [
      "clean: { runs: 1 }",
      "notify:",
      `  - url: http://127.0.0.1:${port}/hook`,
      "  - { url: env://NO_SUCH_VARIABLE, when: always }",
      "defaults:",
    ];
    catalog = smallCatalog(["lua"]).replace("defaults:", settings.join("\n"));
    world = await World.open(
      catalog.replace('"5.1": {', '"5.1": { runtime: { packages: [no-such-package] },'),
    );
    await world.startRegistry();
  });
  afterAll(async () => {
    server.close();
    await world.close();
  });

  const rebuild = (...args: string[]) => world.birdhouse("rebuild", "--engine", "buildah", ...args);
  const runs = (...args: string[]) => runCommand(["runs", ...args, "--state", world.path("state")]);
  const show = async (which: string) =>
    validOutput((await runs("show", which, "--json")).stdout).run as RunSummary;
  const latest = () => readFile(world.path("state/runs/latest.md"), "utf8");

  it("tells of a night in which something failed, to people, programs and a chat", async () => {
    const { exitCode, stderr } = await rebuild();
    expect(exitCode).toBe(1);
    expect(await latest()).toMatch(
      /^# \d{4}-\d\d-\d\d \d\d:\d\d UTC: 2 of 4 targets done, 1 failed, 1 held back\n\n## Failed: lua:5\.1 at build\n/,
    );
    const { stdout } = await runs("show", "1");
    expect(stdout).toBe(await latest());
    const summary = await show("1");
    expect(summary).toMatchObject({ exitCode: 1, profile: "sandbox", registry: world.namespace });
    expect(summary.engine).toMatch(/^buildah /);
    expect(summary.targets.map(({ target, status }) => `${target} ${status}`)).toEqual([
      ...["lua:5.4 done", "lua:5.4-dev done", "lua:5.1 failed", "lua:5.1-dev held"],
    ]);
    const [done] = summary.targets;
    expect(done?.digest).toBe((await world.registry.headManifest("test/lua", "5.4"))?.digest);
    expect(done?.reasons).toEqual([{ kind: "missing", text: "missing in the registry", cves: [] }]);
    expect(done?.platforms[0]?.compressed).toBeGreaterThan(100_000);
    expect(done?.seconds.build).toBeGreaterThan(0);
    expect(told).toEqual([{ text: expect.stringContaining("✖ lua:5.1: build: ") }]);
    const untold =
      "env://NO_SUCH_VARIABLE did not get the notification of this run: the environment variable NO_SUCH_VARIABLE is not set";
    expect(stderr).toContain(untold);
    expect(summary.notes).toContain(untold);
  });

  it("calls out what fails for the third time, though not so many runs are kept", async () => {
    const second = await rebuild("--json");
    const { outcomes } = validOutput(second.stdout);
    expect(outcomes).toContainEqual(expect.objectContaining({ target: "lua:5.1", failedRuns: 2 }));
    expect(await latest()).not.toContain("‼");
    const third = await rebuild();
    const called = /lua:5\.1 has failed in 3 runs in a row, since \d{4}-/;
    expect(third.stdout).toMatch(called);
    expect((await latest()).split("\n")[2]).toMatch(called);
    expect(told.at(-1)?.text).toMatch(called);
    expect(third.exitCode).toBe(1);
    const files = await readdir(world.path("state/runs"));
    expect(files.filter((name) => name.endsWith(".jsonl"))).toHaveLength(1);
  });

  it("begins nothing after its deadline, and names what is left", async () => {
    // One dev image is built anew, which takes seconds; the other version has its turn after it.
    await world.writeCatalog(broken("5.4", broken("5.1", catalog)));
    const options = ["--engine", "buildah", "--force", "--concurrency", "1", "--deadline", "1s"];
    const late = await tryRun(world.commandLine("rebuild", ...options), { env: { PATH: BUILDING } });
    expect(late.exitCode).toBe(1);
    expect(late.stdout).toMatch(
      /^not started before the deadline, for the next run: .*lua:5\.1 lua:5\.1-dev$/m,
    );
    const { command, targets } = await show("1");
    expect(command).toMatch(/ --force --deadline 1s$/);
    const left = targets.filter(({ status }) => status === "unstarted").map(({ target }) => target);
    expect(left).toEqual(expect.arrayContaining(["lua:5.1", "lua:5.1-dev"]));
  });

  it("remembers nights with nothing to do, and lists what there was", async () => {
    await world.writeCatalog(catalog);
    const before = told.length;
    expect((await rebuild("lua:5.4")).exitCode).toBe(0);
    expect(told).toHaveLength(before);
    const { stdout } = await runs();
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^1 .* 0 .* Nothing to do: 2 targets up to date$/);
    const none = await runs("show", "2");
    expect(none.stderr).toContain("give a number from 1 (newest) to 1");
    expect(none.exitCode).toBe(2);
  });
});
