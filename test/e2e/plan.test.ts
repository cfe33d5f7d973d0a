import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedMirror } from "../support/scripted-mirror.ts";
import { type Document, World } from "../support/world.ts";

/** Two images that differ in one package of the test's own: `bird` is in both, `nest` in one. */
function catalogOn(mirror: ScriptedMirror, registryHost: string): string {
  const image = (name: string, packages: string) => `  ${name}:
    description: Lua with packages of a test.
    package: lua5.4
    versions: { "5.4": { branch: "3.22" } }
    runtime:
      packages: ["lua5.4~5.4", ${packages}]
      links: { /usr/bin/lua: lua5.4 }
    dev:
      packages: ["lua5.4~5.4"]
      links: { /usr/bin/lua: lua5.4 }
    smoke:
      version: [lua, -v]
      run: [lua, -e, "print('hello, world')"]
`;
  return `registry: ${registryHost}/test
platforms: [linux/amd64]
sources:
  base: ${registryHost}/sandbox/alpine
  packages: ${mirror.url}
  keys: ${mirror.keys}
  security: ${mirror.url}/secdb
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release] }
  dev: { packages: [ca-certificates-bundle] }
images:
${image("wren", "bird")}${image("tit", "bird, nest")}`;
}

describe("a plan, as the world moves", () => {
  let world: World;
  let mirror: ScriptedMirror;

  const run = (command: string, ...args: readonly string[]) =>
    world.json(command, "--profile", "catalog", ...args);
  const story = async (target: string) =>
    (await world.birdhouse("explain", target, "--profile", "catalog")).stdout;
  /** What is to be rebuilt, and why. */
  const due = ({ plan }: Document) =>
    Object.fromEntries(
      plan
        .filter(({ rebuild }) => rebuild)
        .map(({ target, reasons }) => [target, reasons.map(({ text }) => text).join("; ")]),
    );

  beforeAll(async () => {
    world = await World.open("");
    await world.startRegistry();
    await world.startMirror();
    mirror = await ScriptedMirror.open();
    for (const name of ["bird", "nest", "egg"]) await mirror.put(name, "1.0-r0");
    await world.writeCatalog(catalogOn(mirror, world.registryHost));
    const { exitCode, document } = await run("rebuild", "--engine", "buildah");
    expect(document.outcomes.map(({ status }) => status)).toEqual(["done", "done", "done", "done"]);
    expect(exitCode).toBe(0);
  });
  afterAll(async () => {
    await mirror?.close();
    await world?.close();
  });

  it("is empty right after all was published", async () => {
    const { exitCode, document } = await run("plan");
    expect(due(document)).toEqual({});
    expect(exitCode).toBe(0);
  });

  it("tells the full story of a target also where there is nothing to do", async () => {
    const nothing = await story("wren:5.4-dev");
    expect(nothing).toContain("wren:5.4-dev: nothing to do");
    expect(nothing).toMatch(/base +sha256:[0-9a-f]{64}, as it is now/);
    expect(nothing).toMatch(/linux\/amd64 +\d+ packages, \d+ of them in the indexes of v3.22/);
  });

  it("has no reason in a package that moved and is in no image", async () => {
    await mirror.put("egg", "1.1-r0");
    expect(due((await run("plan")).document)).toEqual({});
  });

  it("rebuilds exactly the image that holds what moved, names the fix, and then nothing any more", async () => {
    await mirror.put("nest", "1.0-r1");
    await mirror.fix({ nest: { "1.0-r1": ["CVE-2026-1234"], "0.9-r0": ["CVE-2020-1"] } });
    const { document } = await run("plan");
    expect(due(document)).toEqual({
      "tit:5.4": "nest 1.0-r0 → 1.0-r1 (CVE-2026-1234)",
      "tit:5.4-dev": "its pair tit:5.4 is being rebuilt",
    });
    const rebuilt = await run("rebuild", "--engine", "buildah");
    expect(rebuilt.document.outcomes.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "tit:5.4 done",
      "tit:5.4-dev done",
    ]);
    expect(due((await run("plan")).document)).toEqual({});
  });

  it("can go back, both variants together, and says what changed", async () => {
    const digestOf = async (tag: string) => (await world.registry.headManifest("test/tit", tag))?.digest;
    const tags = ["5.4", "5.4-dev", "latest", "dev", "5.4.7"];
    const before = await Promise.all(tags.map((one) => digestOf(one)));
    const past = await world.birdhouse("history", "tit:5.4", "--profile", "catalog");
    expect(past.stdout).toContain("    nest 1.0-r0 → 1.0-r1\n");
    expect((await run("rollback", "tit:5.4")).exitCode).toBe(0);
    const after = await Promise.all(tags.map((one) => digestOf(one)));
    expect(after[0]).not.toBe(before[0]);
    expect([after[2], after[4]]).toEqual([after[0], after[0]]);
    expect(past.stdout).toContain(`${after[0]}`);
    // The dev image came out the same both times.
    expect([after[1], after[3]]).toEqual([before[1], before[1]]);
    expect(Object.keys(due((await run("plan")).document))).toEqual(["tit:5.4", "tit:5.4-dev"]);
    expect((await run("rollback", "tit:5.4", "--to", `${before[0]}`)).exitCode).toBe(0);
    expect(await Promise.all(tags.map((one) => digestOf(one)))).toEqual(before);
    const none = await world.birdhouse("rollback", "wren:5.4", "--profile", "catalog");
    expect(none.stderr).toContain("wren:5.4: its history has no such image to go back to");
    expect(none.exitCode).toBe(2);
  });

  it("waits for security fixes where that is asked for", async () => {
    await mirror.put("bird", "1.0-r1");
    expect(due((await run("plan", "--policy", "security")).document)).toEqual({});
    expect(Object.keys(due((await run("plan")).document))).toContain("wren:5.4");
    await mirror.fix({ bird: { "1.0-r1": ["CVE-2026-5678"] } });
    expect(Object.keys(due((await run("plan", "--policy", "security")).document))).toContain("wren:5.4");
  });

  it("leaves alone what was published within so many days", async () => {
    expect(due((await run("plan", "--since", "7d")).document)).toEqual({});
  });

  it("tells the full story of a target", async () => {
    expect(await story("wren:5.4")).toContain("because: bird 1.0-r0 → 1.0-r1 (CVE-2026-5678)");
  });

  it("says what it could not compare while the mirror is away, or spoilt, and fails", async () => {
    await mirror.stop();
    const away = await run("plan");
    expect(due(away.document)).toEqual({});
    // Once, though none of its indexes could be had.
    expect(away.document.plan[0]?.unknown).toEqual([
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: no answer: connect ECONNREFUSED/),
    ]);
    expect(away.exitCode).toBe(1);
    await mirror.start();
    await rm(join(mirror.community, "APKINDEX.tar.gz"));
    await writeFile(join(mirror.community, "APKINDEX.tar.gz"), "no index");
    const spoilt = await run("plan");
    expect(spoilt.document.plan[0]?.unknown.join()).toContain("cannot be used");
    expect(spoilt.exitCode).toBe(1);
  });
});
