import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { runCommand } from "../support/world.ts";

describe("the command line", () => {
  let directory: string;
  let catalog: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdhouse-cli-"));
    catalog = join(directory, "catalog.yaml");
    await writeFile(catalog, smallCatalog());
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const birdhouse = (...args: string[]) => runCommand([...args, "--catalog", catalog]);

  it("names every mistake of a catalog at once, with line and column, and ends with 2", async () => {
    const wrong = smallCatalog()
      .replace("platforms:", "platfroms:")
      .replace("cmd: [lua]", "cdm: [lua]")
      .replace('"3.22"', "3.20");
    await writeFile(catalog, wrong);
    const { exitCode, stderr } = await birdhouse("check");
    const lines = stderr.split("\n");
    expect(lines.filter((line) => /catalog\.yaml:2:1: .*did you mean "platforms"/.test(line))).toHaveLength(
      1,
    );
    expect(lines.filter((line) => /catalog\.yaml:\d+:7: .*did you mean "cmd"/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /catalog\.yaml:\d+:\d+: .*3\.20/.test(line))).toHaveLength(1);
    expect(exitCode).toBe(2);
    await writeFile(catalog, smallCatalog());
  });

  it("accepts a catalog that is right", async () => {
    const { exitCode, stdout } = await birdhouse("check");
    expect(stdout).toContain("is valid (4 targets).");
    expect(exitCode).toBe(0);
  });

  it("lists targets as one JSON document", async () => {
    const { stdout } = await birdhouse("list", "--json", "lua:5.1");
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ version: 1, command: "list" },
      targets: [{ target: "lua:5.1", branch: "3.22", tags: ["5.1"] }],
    });
  });

  it("lists those on a branch, those that end, and those of a shape", async () => {
    expect((await birdhouse("list", "--branch", "3.22", "lua:5.*-dev")).stdout).toMatch(/^lua:5\.4-dev /m);
    expect((await birdhouse("list", "--branch", "3.20")).stdout).toBe("No target matches.\n");
    expect((await birdhouse("list", "--eol")).stdout).toBe("No target matches.\n");
  });

  it("refuses platforms for Pods where nothing says where these are", async () => {
    const { exitCode, stderr } = await birdhouse("smoke", "lua:5.4", "--smoke-platforms", "linux/arm64");
    expect(stderr).toContain("nothing says where these Pods are");
    expect(stderr).toContain("--smoke-pods");
    expect(exitCode).toBe(2);
  });

  it("proposes a name for one it does not know", async () => {
    const { exitCode, stderr } = await birdhouse("list", "lau");
    expect(stderr).toContain("lua");
    expect(exitCode).toBe(2);
  });

  it("fails with a diff where images/ is not as rendered, and writes what is missing", async () => {
    const check = await birdhouse("render", "--check");
    expect(check.exitCode).toBe(1);
    expect(check.stdout).toContain("+++ images/lua/5.1/Dockerfile");
    expect((await birdhouse("render")).stdout).toContain("5 files of 5 written");
    const stray = join(directory, "images/stray");
    await writeFile(stray, "somebody's own\n");
    const refused = await birdhouse("render");
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("images/stray");
    await writeFile(stray, "# DO NOT EDIT: rendered by `make render`, of a target that is gone\n");
    expect((await birdhouse("render", "--check")).stdout).toContain("-# DO NOT EDIT: rendered");
    await birdhouse("render");
    expect((await birdhouse("render", "--check")).exitCode).toBe(0);
  });

  it("ends with 2 on an option that does not exist", async () => {
    const { exitCode, stderr } = await birdhouse("plan", "--no-such-option");
    expect(stderr).toContain("--no-such-option");
    expect(exitCode).toBe(2);
  });
});
