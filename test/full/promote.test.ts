import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Registry } from "../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { referrersOf } from "../../scripts/registry/referrers.ts";
import { type ProcessResult, tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { fakeTrivy } from "../support/fake-scanner.ts";
import { entriesOf } from "../support/histories.ts";
import { validOutput } from "../support/outputs.ts";
import { editionOf } from "../support/published-pairs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { environmentAt } from "../support/scripted-clock.ts";
import { BIRDHOUSE, freePort, World } from "../support/world.ts";

const LUA = "test/lua";
const HOUR = 3_600_000;
const CATALOG = oneVersion().replace("defaults:", "promote: { soak: 24h }\ndefaults:");

interface Promoted {
  readonly promoted: readonly { target: string; digest: string; sent: number; moved: string[] }[];
  readonly left: readonly { release: string; because: string; text: string; until: string | null }[];
  readonly failed: readonly { release: string; text: string }[];
}

rememberBuilds();

describe("promote, from one registry to another", () => {
  let world: World;
  let close: () => Promise<unknown>;
  let to: string;
  let open: Registry;
  /** In the staging registry: the tags of each edition. */
  const editions: Record<string, string | undefined>[] = [];
  let signature: string;

  beforeAll(async () => {
    world = await World.open(CATALOG);
    await world.startRegistry();
    const host = `127.0.0.1:${await freePort()}`;
    close = await openLocalRegistry({ host, directory: world.path("public"), note: () => {} });
    to = `${host}/test`;
    open = new Registry(host);
    await rebuilt();
    // What is attached stands in for a signature: it is a manifest of one layer, too.
    const [attached] = await referrersOf(staging(), editions[0]?.["5.4"] ?? "");
    const manifest = await world.registry.getManifest(LUA, attached?.digest ?? "");
    if (!manifest) throw new Error("nothing is attached");
    signature = `${editions[0]?.["5.4"]?.replace(":", "-")}.sig`;
    await world.registry.putManifest(LUA, signature, manifest);
  });
  afterAll(async () => {
    await close?.();
    await world?.close();
  });

  const staging = () => ({ registry: world.registry, repository: LUA });

  async function rebuilt(): Promise<void> {
    const { exitCode, stderr } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(exitCode, stderr).toBe(0);
    editions.push(await tagsIn(world.registry));
  }

  function promote(words: readonly string[] = [], env: Record<string, string> = {}): Promise<ProcessResult> {
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    return tryRun([...BIRDHOUSE, "promote", world.namespace, to, ...places, ...words], { env });
  }

  async function promoted(
    words: readonly string[] = [],
    env: Record<string, string> = {},
    expected = 0,
  ): Promise<Promoted> {
    const { exitCode, stdout, stderr } = await promote(["--json", ...words], env);
    expect(exitCode, stderr).toBe(expected);
    return validOutput(stdout) as unknown as Promoted;
  }

  /** Time goes by: what was built has soaked. */
  const later = (hours = 25) => environmentAt(new Date(Date.now() + hours * HOUR));

  it("nothing goes on before it has soaked, and it is said until when", async () => {
    const { stdout, exitCode } = await promote();
    expect(stdout).toMatch(/^lua:5\.4: soaks until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/);
    expect(exitCode).toBe(0);
    const [left, ...others] = (await promoted()).left;
    expect(others).toEqual([]);
    const hours = (Date.parse(left?.until ?? "") - Date.now()) / HOUR;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThan(24.1);
    expect(await open.listTags(LUA)).toEqual([]);
  });

  it("a dry run says what would go on, and sends nothing", async () => {
    const would = await promoted(["--dry-run"], later());
    expect(would.promoted.map(({ target }) => target)).toEqual(["lua:5.4", "lua:5.4-dev"]);
    expect(would.promoted.every(({ sent, moved }) => sent > 100_000 && moved.length > 3)).toBe(true);
    expect(await open.listTags(LUA)).toEqual([]);
  });

  it("what has soaked goes on: the same digests under the same tags, with what is attached and signed", async () => {
    const { stdout, exitCode, stderr } = await promote([], later());
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("2 targets promoted, 0 versions left as they are.");
    const { "5.4.history": _, "5.4-dev.history": __, ...tags } = editions[0] ?? {};
    const [attached] = await referrersOf(staging(), tags["5.4"] ?? "");
    expect(await tagsIn(open)).toMatchObject({ ...tags, [signature]: attached?.digest });
    const there = await referrersOf({ registry: open, repository: LUA }, tags["5.4"] ?? "");
    expect(there).toEqual(await referrersOf(staging(), tags["5.4"] ?? ""));
    expect(there.length).toBeGreaterThan(0);
    expect((await entriesOf(open, LUA, "5.4")).map(({ image }) => image.digest)).toEqual([tags["5.4"]]);
  });

  it("another time there is nothing to do", async () => {
    const before = await tagsIn(open);
    const { promoted: done, left } = await promoted([], later());
    expect(done).toEqual([]);
    expect(left.map(({ because }) => because)).toEqual(["in place"]);
    expect(await tagsIn(open)).toEqual(before);
  });

  it("a scan that finds something keeps a build where it is", async () => {
    await world.writeCatalog(editionOf(CATALOG, 1).replace("24h }", "24h, scan: true }"));
    await rebuilt();
    await fakeTrivy(world.path("bin"), [
      { VulnerabilityID: "CVE-2026-1", PkgName: "lua5.4", InstalledVersion: "5.4.7-r0", Severity: "HIGH" },
    ]);
    const PATH = `${world.path("bin")}:${process.env.PATH}`;
    const { left, promoted: done } = await promoted(["--now"], { PATH }, 1);
    expect(done).toEqual([]);
    expect(left).toMatchObject([{ release: "lua:5.4", because: "found" }]);
    expect(left[0]?.text).toContain("CVE-2026-1 (HIGH) in lua5.4 5.4.7-r0".replace("HIGH", "high"));
    expect((await tagsIn(open))["5.4"]).toBe(editions[0]?.["5.4"]);
  });

  it("a fix does not wait, and a rollback takes it back", async () => {
    await fakeTrivy(world.path("bin"), []);
    const PATH = `${world.path("bin")}:${process.env.PATH}`;
    const { promoted: done } = await promoted(["--now"], { ...later(26), PATH });
    expect(done.map(({ digest }) => digest)).toEqual([editions[1]?.["5.4"], editions[1]?.["5.4-dev"]]);
    const rollback = await world.birdhouse("rollback", "lua:5.4", "--registry", to);
    expect(rollback.exitCode, rollback.stderr).toBe(0);
    const tags = await tagsIn(open);
    expect([tags["5.4"], tags["5.4-dev"]]).toEqual([editions[0]?.["5.4"], editions[0]?.["5.4-dev"]]);
    await world.writeCatalog(editionOf(CATALOG, 1));
    const again = await promoted(["--now"]);
    expect(again.left).toMatchObject([{ because: "withdrawn" }]);
    expect(await tagsIn(open)).toEqual(tags);
  });

  it("what was rolled back in staging stays there", async () => {
    await world.birdhouse("rollback", "lua:5.4");
    const { stdout } = await promote(["--now"]);
    expect(stdout).toMatch(/^lua:5\.4: 127\S+ has it \(what came after it was rolled back in\s+127/);
  });

  it("says what cannot be meant", async () => {
    const unpublished = await promote(["node"]);
    expect(unpublished.stderr).toContain('there is no target "node"');
    const same = await tryRun([
      ...[...BIRDHOUSE, "promote", to, to, "--catalog", world.path("catalog.yaml")],
      ...["--state", world.path("state")],
    ]);
    expect(same.stderr).toContain("are the same place");
    const nowhere = await tryRun([
      ...[...BIRDHOUSE, "promote", `${world.registryHost}/nowhere`, to, "--catalog"],
      ...[world.path("catalog.yaml"), "--state", world.path("state")],
    ]);
    expect(nowhere.stderr).toContain("has no published target of this catalog");
    expect([unpublished.exitCode, same.exitCode, nowhere.exitCode]).toEqual([2, 2, 2]);
  });
});

async function tagsIn(registry: Registry): Promise<Record<string, string | undefined>> {
  const tags = await registry.listTags(LUA);
  const heads = await Promise.all(tags.map((tag) => registry.headManifest(LUA, tag)));
  return Object.fromEntries(tags.map((tag, index) => [tag, heads[index]?.digest]));
}
