import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

rememberBuilds();

/** The runtime of lua 5.1 may weigh this much; without it, anything. */
function catalogWith(budget?: string): string {
  const limited = `"5.1": { runtime: { budget: ${budget} },`;
  return budget === undefined ? smallCatalog(["lua"]) : smallCatalog(["lua"]).replace('"5.1": {', limited);
}

describe("a budget, and what an image spends it on", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(catalogWith("10 kB"));
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest;

  it("fails an image that is over it, names its largest packages, and publishes the others", async () => {
    const { exitCode, stdout } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(stdout).toMatch(/lua:5\.1 \(linux\/amd64\) weighs .*B compressed, .*B more than its budget of /);
    expect(stdout).toMatch(/its largest parts, unpacked:\n(.*\n)*? +lua5\.1\S* +\d/);
    expect(stdout).toMatch(/raise the budget: \S*catalog\.yaml:\d+/);
    expect(stdout).toContain("lua:5.1-dev: held back, because its pair lua:5.1 failed");
    expect(stdout).toContain("2 targets published, 1 failed, 1 held back.");
    expect(exitCode).toBe(1);
    expect(await digestOf("5.4")).toBeDefined();
    expect(await digestOf("5.1")).toBeUndefined();
    expect(await digestOf("5.1-dev")).toBeUndefined();
  });

  it("shows by package what is published, and says of the rest that it is not", async () => {
    const { exitCode, stdout } = await world.birdhouse("sizes", "lua:5.4", "lua:5.1");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^lua:5\.4 \(linux\/amd64\): .*B compressed, no budget; .*B unpacked:$/m);
    expect(stdout).toMatch(/^lua5\.4 +5\.4\.\S+ +[\d.]+ \w*B +\d+%$/m);
    expect(stdout).toContain("lua:5.1 is not published");
  });

  it("shows how what is published stands, what is not, and what has left the catalog", async () => {
    await world.writeCatalog(catalogWith().replace('"5.4": { branch', '"5.3": { branch'));
    const { exitCode, stdout } = await world.birdhouse("status");
    expect(stdout).toMatch(/^lua:5\.3(?: +-){6} +not published/m);
    expect(stdout).toMatch(/^lua:5\.4-dev +\d{4}-\d\d-\d\d$/m);
    expect(stdout).toContain(`skopeo delete docker://${world.namespace}/lua:5.4`);
    await world.writeCatalog(catalogWith("10 kB"));
    const known = await world.birdhouse("status", "lua:5.4", "--markdown");
    expect(known.stdout).toMatch(
      /^\| `lua:5\.4` \| 5\.4\.\S+ \| today \| [\d.]+ MB \| \\?- \| \\?- \| \\?- \| up to date \|$/m,
    );
    expect([exitCode, known.exitCode]).toEqual([0, 0]);
    // The sandbox has no list of fixes: that nothing was looked for is not that there is nothing.
    const text = await world.birdhouse("status", "lua:5.4");
    expect(text.stdout).toContain("Of 1 nobody can tell");
    const asked = await world.birdhouse("status", "lua:5.4", "--cve", "cve-2024-9143");
    expect(asked.stderr).toContain("there is no list of Alpine's fixes to look up cve-2024-9143 in");
    expect(asked.exitCode).toBe(2);
  });

  it("are written down for READMEs, and never of the sandbox", async () => {
    const refused = await world.birdhouse("sizes", "--write");
    expect(refused.stderr).toContain("the sandbox's images are not Alpine's");
    expect(refused.exitCode).toBe(2);
    // As of a catalog's own images: the same registry, whose mirror nobody asks.
    const real = await world.birdhouse("sizes", "lua:5.4", "--write", "--profile", "catalog");
    expect(real.exitCode, real.stderr).toBe(0);
    expect(real.stdout).toContain(`written: ${world.path("published.json")}`);
    const readme = await readFile(world.path("images/lua/README.md"), "utf8");
    expect(readme).toMatch(
      /^\| `lua:5\.4` \| linux\/amd64 \| [\d.]+ MB \| [\d.]+ MB \| \d{4}-\d\d-\d\d \|$/m,
    );
  });

  it("publishes once the budget is large enough", async () => {
    await world.writeCatalog(catalogWith("40 MB"));
    const { exitCode, stdout } = await world.birdhouse("rebuild");
    expect(stdout).toContain("2 targets published, 0 failed, 0 held back.");
    expect(exitCode).toBe(0);
    expect(await digestOf("5.1")).toBeDefined();
  });

  it("accounts for every byte, package by package", async () => {
    const { stdout } = await world.birdhouse("sizes", "--json", "lua:5.1");
    const [lua] = (JSON.parse(stdout) as SizesDocument).sizes;
    expect(lua?.digest).toBe(await digestOf("5.1"));
    const [platform] = lua?.platforms ?? [];
    if (!platform || !lua) throw new Error("lua:5.1 tells no sizes");
    expect(platform.compressed).toBeLessThan(platform.unpacked);
    expect(platform.compressed).toBeLessThan(lua.budget);
    const sum = platform.packages.reduce((bytes, { unpacked }) => bytes + unpacked, platform.notOfAPackage);
    expect(sum).toBe(platform.unpacked);
    expect(platform.packages.map(({ name }) => name)).toContain("lua5.1");
    expect(platform.notOfAPackage).toBeLessThan(platform.unpacked / 4);
  });

  it("names what has grown since then, and leaves the tags where they were", async () => {
    const before = await digestOf("5.1");
    const limited = catalogWith("10 kB");
    await world.writeCatalog(limited.replace("budget: 10 kB", "budget: 10 kB, packages: [lua5.4]"));
    const { exitCode, stdout } = await world.birdhouse("rebuild", "lua:5.1");
    expect(stdout).toMatch(/what has grown since it was published, unpacked:\n(.*\n)*? +lua5\.4 +new, \d/);
    expect(exitCode).toBe(1);
    expect(await digestOf("5.1")).toBe(before);
  });
});

/** What `sizes --json` prints, as far as this looks at it. */
interface SizesDocument {
  readonly sizes: readonly {
    digest: string | null;
    budget: number;
    platforms: { compressed: number; unpacked: number; notOfAPackage: number; packages: Part[] }[] | null;
  }[];
}

interface Part {
  readonly name: string;
  readonly unpacked: number;
}
