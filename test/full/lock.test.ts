import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oneVersion } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { environmentAt } from "../support/scripted-clock.ts";
import { StartedCommand } from "../support/started-command.ts";
import { World } from "../support/world.ts";

rememberBuilds();

/** Two machines: what a CI system says of the run that tests us would make one run of both. */
const APART = { BIRDHOUSE_RUN: "", GITHUB_RUN_ID: "", CI_PIPELINE_ID: "" };
const MINUTE = 60_000;

/** Two checkouts of one catalog on machines that share nothing but the registry. */
describe("two runs at once", () => {
  let worlds: World[];

  beforeAll(async () => {
    worlds = [await World.open(oneVersion()), await World.open(oneVersion())];
  });
  afterAll(() => Promise.all(worlds.map((world) => world.close())));

  function rebuild(
    which: number,
    options: readonly string[] = [],
    env: Record<string, string> = {},
    within: readonly string[] = [],
  ) {
    const [first, world] = [worlds[0], worlds[which]];
    if (!first || !world) throw new Error("no such world");
    const registry = ["--registry", first.namespace, "--engine", "buildah"];
    const words = [...within, ...world.commandLine("rebuild", ...registry, ...options)];
    return new StartedCommand(words, { env: { ...APART, ...env } });
  }

  // No registry runs yet: one of them starts it for both, and whichever that is does not take it from the other.
  it("that start in the same second: one works, the other ends with 3 and names it", async () => {
    const runs = [rebuild(0), rebuild(1)];
    const results = await Promise.all(runs.map(({ ended }) => ended));
    const codes = results.map(({ exitCode }) => exitCode);
    expect(codes.toSorted(), results.map(({ stderr }) => stderr).join("\n")).toEqual([0, 3]);
    const worker = runs[codes.indexOf(0)];
    const loser = results[codes.indexOf(3)];
    expect(loser?.stderr).toContain(`@${hostname()}, process ${worker?.child.pid}`);
  });

  it("of which one is killed: the next waits for its lease, then takes over and finishes", async () => {
    await worlds[0]?.startRegistry();
    // Seen from another namespace of processes, as from another machine, nobody can know whether it still runs.
    const killed = rebuild(0, ["--force"], {}, ["unshare", "--pid", "--fork", "--kill-child"]);
    await killed.builds();
    await killed.end("SIGKILL");
    const early = await rebuild(1, ["--force"]).ended;
    expect(early.exitCode).toBe(3);
    const afterwards = new Date(Date.now() + 11 * MINUTE);
    const late = await rebuild(1, ["--force"], environmentAt(afterwards)).ended;
    expect(late.stderr).toContain("took over the lock of");
    expect(late.exitCode).toBe(0);
  });

  it("of which one is killed on this machine: the next takes over at once, and finishes", async () => {
    const killed = rebuild(0, ["lua:5.4", "--force"]);
    await killed.builds();
    await killed.end("SIGKILL");
    const next = await rebuild(1, ["lua:5.4", "--force"]).ended;
    expect(next.stderr).toMatch(/took over the lock of .*, whose process is gone/);
    expect(next.exitCode).toBe(0);
  });
});
