import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Registry } from "../../scripts/registry/client.ts";
import { Installation, packInto } from "../support/installed-package.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";

rememberBuilds();

/** What a plan says of each target that is due. */
function reasonsIn(stdout: string): Record<string, string> {
  const { plan } = JSON.parse(stdout) as {
    plan: { target: string; rebuild: boolean; reasons: { text: string }[] }[];
  };
  const due = plan.filter(({ rebuild }) => rebuild);
  return Object.fromEntries(
    due.map(({ target, reasons }) => [target, reasons.map(({ text }) => text).join("; ")]),
  );
}

/**
 * All that somebody does who has only the package, on a machine without a network: npm installs it offline, as it has no
 * dependencies. What the sandbox is made of was made before, by this project's tests.
 */
describe("a team with nothing but the package", () => {
  let place: string;
  let team: Installation;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "birdhouse-packed-"));
    team = await Installation.open((await packInto(place)).archive);
    await team.startRegistry();
  });
  afterAll(async () => {
    await team?.close();
    await rm(place, { recursive: true, force: true });
  });

  const edit = async (from: string, to: string) => {
    const text = await team.read("catalog.yaml");
    expect(text).toContain(from);
    await writeFile(team.path("catalog.yaml"), text.replace(from, to));
  };
  const digestOf = async (image: string, tag: string) =>
    (await new Registry(team.registryHost).headManifest(`team/${image}`, tag))?.digest;

  it("publishes three images with two commands", async () => {
    // Small ones: what init chooses by itself is tested in e2e, and to build Node.js and Go again takes minutes.
    const images = "static:3.24,base:3.24,lua:5.5";
    const begun = await team.npx("init", "--yes", "--platform", "linux/amd64", "--images", images);
    expect({ exitCode: begun.exitCode, output: begun.output }).toEqual({ exitCode: 0, output: begun.output });
    const { exitCode, stdout, stderr } = await team.session("rebuild");
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("6 targets published, 0 failed, 0 held back.");
    for (const image of ["static", "base", "lua"]) {
      expect({ image, digest: await digestOf(image, "latest") }).toEqual({
        image,
        digest: expect.any(String),
      });
    }
    expect((await team.session("plan")).stdout).toContain("Nothing to do: 6 targets up to date");
  });

  it("adds a package, and sees, publishes and takes back what comes of it", async () => {
    const before = await digestOf("base", "3.24");
    await edit(
      'base: { extends: base, versions: { "3.24": {} } }',
      'base: { extends: base, versions: { "3.24": {} }, runtime: { packages: [coreutils-env] } }',
    );
    expect(reasonsIn((await team.session("plan", "--json")).stdout)).toEqual({
      "base:3.24": "inputs: packages +coreutils-env",
      "base:3.24-dev": "its pair base:3.24 is being rebuilt",
    });
    expect((await team.session("rebuild")).stdout).toContain("2 targets published, 0 failed");
    expect(await digestOf("base", "3.24")).not.toBe(before);
    expect((await team.session("status", "base")).stdout).toMatch(/2 of 2 targets published, 0 due/);
    const back = await team.session("rollback", "base:3.24", "--hold", "7d", "--reason", "too large");
    expect({ exitCode: back.exitCode, stderr: back.exitCode === 0 ? "" : back.stderr }).toEqual({
      exitCode: 0,
      stderr: "",
    });
    expect(back.stdout).toContain("npx birdhouse rollback base:3.24 --release");
    expect(await digestOf("base", "3.24")).toBe(before);
  });

  it("has templates of its own", async () => {
    const partials = "node_modules/birdhouse/templates/partials";
    await mkdir(team.path("own/partials"), { recursive: true });
    await cp(team.path(`${partials}/tidy.hbs`), team.path("own/partials/tidy.hbs"));
    const tidy = (await team.read("own/partials/tidy.hbs")).trimEnd();
    await writeFile(team.path("own/partials/tidy.hbs"), `${tidy} \\\n && rm -f etc/motd\n`);
    await edit("extends: birdhouse\n", "extends: birdhouse\ntemplates: own\n");
    const due = reasonsIn((await team.session("plan", "--json")).stdout);
    expect(due["static:3.24"]).toBe("inputs: the Dockerfile's template changed");
    expect((await team.session("rebuild", "static")).stdout).toContain("2 targets published, 0 failed");
    expect(await team.read("images/static/3.24/Dockerfile")).toContain("rm -f etc/motd");
  });

  it("is told by the plan what an upgrade makes due, before anything is built", async () => {
    // As if the next version had come, with another template: its number, and a line in a Dockerfile.
    const file = team.path("node_modules/birdhouse/package.json");
    const own = await readFile(file, "utf8");
    await writeFile(file, own.replace(/"version": "[^"]*"/, '"version": "9.0.0"'));
    const version = /"version": "([^"]*)"/.exec(own)?.[1];
    const said = `(built by Birdhouse ${version}, and this is 9.0.0)`;
    // What is built as it would be now is not due for the version alone; the others still wait for their template.
    const due = reasonsIn((await team.session("plan", "--json")).stdout);
    expect(Object.keys(due)).not.toContain("static:3.24");
    expect(due["lua:5.5"]).toBe(`inputs: the Dockerfile's template changed ${said}`);
    await writeFile(file, own);
  });
});
