import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../scripts/system/environment.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { Installation, type Packed, packInto, sizeOf } from "../support/installed-package.ts";
import { PROJECT, SETUP } from "../support/workflows.ts";

const MOST_BYTES = 3_000_000;

describe("the package", () => {
  let place: string;
  let packed: Packed;
  let team: Installation;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "birdhouse-packed-"));
    packed = await packInto(place);
    team = await Installation.open(packed.archive);
  });
  afterAll(async () => {
    await team?.close();
    await rm(place, { recursive: true, force: true });
  });

  it("is small, and holds what a catalog needs and no code to translate", async () => {
    expect(await sizeOf(packed.archive)).toBeLessThan(MOST_BYTES);
    expect(packed.files).toEqual(
      expect.arrayContaining([
        ...["package.json", "LICENSE", "README.md", "catalog.yaml", "catalog.schema.json", "sizes.json"],
        ...[
          "scripts/start.mjs",
          "dist/birdhouse.js",
          "dist/sandbox-apk.mjs",
          "dist/THIRD-PARTY-LICENSES.txt",
        ],
        ...["templates/runtime.hbs", "templates/partials/header.hbs", "templates/init/gitignore"],
        ...["examples/node/Dockerfile", "docs/catalog.md", "docs/upgrading.md", "CHANGELOG.md"],
      ]),
    );
    expect(packed.files.filter((name) => name.startsWith("keys/")).length).toBeGreaterThan(3);
    expect(
      packed.files.filter((name) => /^(?:test|images|\.github)\/|(?<!examples\/.*)\.ts$|\.map$/.test(name)),
    ).toEqual([]);
    const { dependencies } = JSON.parse(
      await readFile(team.path("node_modules/birdhouse/package.json"), "utf8"),
    );
    expect(dependencies).toBeUndefined();
    expect(
      await readFile(team.path("node_modules/birdhouse/dist/THIRD-PARTY-LICENSES.txt"), "utf8"),
    ).toContain("undici ");
  });

  it("says what to do where there is no catalog yet, in words that can be typed there", async () => {
    expect((await team.npx("--version")).stdout).toMatch(
      new RegExp(`^birdhouse ${VERSION} \\(build [0-9a-f]{16}\\)\n$`),
    );
    const { exitCode, stderr } = await team.birdhouse("list");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("catalog.yaml: there is no such file");
    expect(stderr).toContain("to begin one: npx birdhouse init");
    const { stdout: help } = await team.birdhouse("--help");
    expect(help).toContain("  npx birdhouse init\n");
    expect(help).not.toMatch(/npm run|make /);
    expect((await team.birdhouse("help", "rebuild")).stdout).toContain("npx birdhouse rebuild --limit 5");
  });

  it("takes the catalog that it comes with", async () => {
    const catalog = ["--catalog", "node_modules/birdhouse/catalog.yaml"];
    const { stdout, exitCode } = await team.birdhouse("check", ...catalog);
    expect({ stdout, exitCode }).toEqual({
      stdout: expect.stringMatching(/is valid \(\d{3} targets\)\.\n$/),
      exitCode: 0,
    });
    expect((await team.birdhouse("list", "node:24", ...catalog)).stdout).toContain("nodejs~24");
  });

  it("is what a line of the workflows starts in the team's repository", async () => {
    const env = { CATALOG: "node_modules/birdhouse/catalog.yaml", ONLY: "node:24", STATE: "", REGISTRY: "" };
    const line = { cwd: team.folder, env };
    const { stdout, stderr } = await tryRun([join(PROJECT, SETUP, "birdhouse"), "list"], line);
    expect(stderr).toBe("");
    expect(stdout).toContain("nodejs~24");
  });

  it("begins a catalog of one's own, renders it beside it, and overwrites nothing", async () => {
    const options = ["--registry", "registry.example/team", "--images", "node:24,lua:5.4"];
    const begun = await team.npx("init", "--yes", ...options);
    expect({ exitCode: begun.exitCode, stderr: begun.stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(begun.stdout).toBe(
      "written: catalog.yaml, .gitignore, .github/workflows/birdhouse.yml, renovate.json, README.md\n" +
        "left as they were: package.json\n\nNext:\n  npx birdhouse plan\n  npx birdhouse rebuild\n",
    );
    expect((await team.birdhouse("check")).stdout).toBe("catalog.yaml is valid (4 targets).\n");
    expect((await team.birdhouse("list", "--branch", "3.24", "lua:*")).stdout).toMatch(/^lua:5\.4 /m);
    expect((await team.birdhouse("render", "--check")).stdout).toContain(
      "differ; `npx birdhouse render` writes them",
    );
    expect((await team.birdhouse("render")).stdout).toContain("7 files of 7 written");
    expect(await team.read("images/node/24/Dockerfile")).toMatch(
      /^# DO NOT EDIT: rendered by `npx birdhouse render` from/,
    );
    expect(await team.read("README.md")).toContain("[Node.js](images/node/README.md)");
    await writeFile(team.path("catalog.yaml"), "# ours\n");
    expect((await team.birdhouse("init", "--yes")).stdout).toContain("left as they were: catalog.yaml, ");
    expect(await team.read("catalog.yaml")).toBe("# ours\n");
  });

  it("names the place in the own catalog where that is wrong", async () => {
    const text = "extends: birdhouse\nregistry: registry.example/team\nimages:\n  node: { extends: nodee }\n";
    await writeFile(team.path("catalog.yaml"), text);
    const { stderr, exitCode } = await team.birdhouse("check");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^catalog\.yaml:4:11: nodee: there is no image "nodee"; did you mean "node"/);
  });

  it("completes in bash what is typed, targets too", async () => {
    await writeFile(team.path("catalog.yaml"), "extends: birdhouse\nimages: { lua: { extends: lua } }\n");
    const { stdout: script } = await team.birdhouse("completion", "bash");
    await writeFile(team.path("completion.bash"), script);
    const line = "npx birdhouse list lua:5.4";
    const words = `source ./completion.bash; COMP_LINE='${line}'; COMP_POINT=${line.length}; _birdhouse; echo "\${COMPREPLY[@]}"`;
    const { stdout } = await tryRun(["bash", "--norc", "-ec", words], { cwd: team.folder });
    expect(stdout).toBe("5.4 5.4-dev\n");
  });
});
