import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processIdentity } from "../../scripts/system/state/identity.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { validOutput } from "../support/outputs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { runCommand, World } from "../support/world.ts";

rememberBuilds();

/** What `clean --json` prints, as far as it is looked at. */
interface CleanedDocument {
  readonly removed: readonly { readonly kind: string; readonly why: string }[];
  readonly running: boolean;
}

describe("clean", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const exists = (name: string) =>
    access(world.path(name)).then(
      () => true,
      () => false,
    );

  /** The store of a process: of one that has ended, where no process has that number. */
  async function storeOf(pid: string): Promise<void> {
    const store = world.path(`state/engine/${pid}-abcdef`);
    await mkdir(store, { recursive: true });
    const [boot, namespace, own, start] = (processIdentity() ?? "").split(" ");
    const identity = [boot, namespace, pid, pid === own ? start : "1"].join(" ");
    await writeFile(
      join(store, "birdhouse-run.json"),
      JSON.stringify({ identity, pid: Number(pid), made: 1 }),
    );
  }

  it("ends a rebuild: the disk stays below the catalog's bound, and what a killed run left goes", async () => {
    await storeOf("99999999");
    await world.writeCatalog(smallCatalog(["lua"]).replace("sources:", "clean: { disk: 1 kB }\nsources:"));
    const { exitCode, stderr } = await world.birdhouse("rebuild", "--engine", "buildah", "lua:5.4");
    expect(stderr).toMatch(/Removed 2 items, /);
    expect(exitCode).toBe(0);
    expect(await exists("state/engine/99999999-abcdef")).toBe(false);
    expect((await world.birdhouse("plan", "lua:5.4")).stdout).toBe("Nothing to do: 2 targets up to date.\n");
  });

  it("shows what would go, and removes it when told to", async () => {
    expect((await world.birdhouse("build", "--engine", "buildah", "lua:5.4")).exitCode).toBe(0);
    const layout = "state/layouts";
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    const dry = await runCommand(["clean", ...places, "--dry-run"]);
    expect(dry.stdout).toMatch(/^Would remove 2 items, /m);
    expect(await exists(layout)).toBe(true);
    const done = await runCommand(["clean", ...places, "--json"]);
    const { removed, running } = validOutput(done.stdout) as unknown as CleanedDocument;
    expect(removed.map(({ kind, why }) => `${kind} ${why}`)).toEqual(["layout disk", "layout disk"]);
    expect(running).toBe(false);
    expect((await runCommand(["clean", ...places])).stdout).toMatch(/^Nothing to clean\./);
  });

  it("leaves the layouts of a run in progress", async () => {
    const layout = "state/layouts/c-12345678/lua/5.4/dev";
    await mkdir(world.path(layout), { recursive: true });
    await writeFile(world.path(`${layout}/index.json`), "x".repeat(5000));
    await storeOf(String(process.pid));
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    expect((await runCommand(["clean", ...places])).stdout).toContain("A run is in progress");
    expect(await exists(layout)).toBe(true);
  });
});
