import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { PROJECT, readSetup, readWorkflows, runLinesOf, SETUP, stepsOf } from "../support/workflows.ts";
import { World } from "../support/world.ts";

rememberBuilds();

const RELEASES = JSON.stringify({
  release_branches: [
    { rel_branch: "v3.24", eol_date: "2099-05-01" },
    { rel_branch: "v3.22", eol_date: "2098-05-01" },
  ],
});
const CATALOG = smallCatalog().replace(
  "defaults:",
  '  releases: releases.json\nbranches:\n  "3.22": { eol: 2098-05-01 }\ndefaults:',
);

const workflows = readWorkflows();
const workflow = (name: string) => workflows.find(({ file }) => file.endsWith(`/${name}.yml`));

/** Programs that a CI machine has and this one must not use: they write down what they are asked. */
const STUBS = {
  npm: 'echo "npm $*" >> "$STUB_LOG"',
  npx: 'echo "npx $*" >> "$STUB_LOG"',
  sudo: 'exec "$@"',
  systemctl: 'echo "systemctl $*" >> "$STUB_LOG"',
  "apt-get": 'echo "apt-get $*" >> "$STUB_LOG"',
};

/**
 * Every line that a workflow runs is run here as it stands, by the shell that GitHub and GitLab have, with the sandbox
 * as its world.
 */
describe("workflows", () => {
  let world: World;
  const done = new Set<string>();

  beforeAll(async () => {
    world = await World.open(CATALOG);
    await writeFile(world.path("releases.json"), RELEASES);
    await world.startRegistry();
    await mkdir(world.path("stubs"));
    for (const [name, script] of Object.entries(STUBS)) {
      await writeFile(world.path(`stubs/${name}`), `#!/bin/sh\n${script}\n`);
      await chmod(world.path(`stubs/${name}`), 0o755);
    }
  });
  afterAll(() => world.close());

  const output = (name: string) => readFile(world.path(name), "utf8");

  /** The folder of a team that has installed Birdhouse: another repository than Birdhouse's own. */
  const team = () => world.path("team");

  /**
   * @param env what the workflow's `env` gives, and `vars` of the repository
   * @param cwd where the repository is checked out
   */
  const runLine = (
    line: string,
    env: Readonly<Record<string, string>> = {},
    cwd = PROJECT,
  ): Promise<ProcessResult> => {
    done.add(line);
    // The other repository has its catalog where it is looked for.
    const own = cwd === PROJECT ? { CATALOG: world.path("catalog.yaml") } : {};
    return tryRun(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line], {
      cwd,
      env: {
        ...{ PROFILE: "sandbox", STATE: world.path("state"), ...own },
        ...{ REGISTRY: world.namespace, MIRROR_PORT: String(world.mirrorPort), HOME: world.directory },
        ...{ GITHUB_OUTPUT: world.path("output"), GITHUB_STEP_SUMMARY: world.path("summary") },
        ...{ GITHUB_PATH: world.path("path"), GITHUB_ACTION_PATH: join(PROJECT, SETUP) },
        ...{ RUNNER_TEMP: world.directory, CI_PROJECT_DIR: world.directory },
        ...{ DAEMON_JSON: world.path("daemon.json"), STUB_LOG: world.path("log") },
        ...env,
      },
    });
  };

  const stubbed = () => ({ PATH: `${world.path("stubs")}${delimiter}${process.env.PATH}` });

  /** Runs all lines of a job, with those of the action that makes it ready, as GitHub does: PATH grows on the way. */
  const runJob = async (
    name: string,
    job: string,
    env: Readonly<Record<string, string>> = {},
    cwd = PROJECT,
  ) => {
    await writeFile(world.path("path"), "");
    for (const { run: line, env: own, if: when } of stepsOf(workflow(name), job)) {
      // In its own repository each line is run once, that for a failure too.
      if (line === undefined || (cwd !== PROJECT && when === "failure()")) continue;
      const literal = Object.fromEntries(Object.entries(own).filter(([, value]) => !value.includes("${{")));
      const added = (await output("path")).trim().split("\n");
      const PATH = [...added, stubbed().PATH].filter((one) => one !== "").join(delimiter);
      const given = { ...literal, DAEMON_JSON: world.path("daemon.json"), PATH, ...env };
      const { exitCode, output: printed } = await runLine(line, given, cwd);
      expect({ line, exitCode, printed: exitCode === 0 ? "" : printed }).toEqual({
        line,
        exitCode: 0,
        printed: "",
      });
    }
  };

  /** What the plan's job hands to the next: the last that was written. */
  const planned = async () => {
    const [, plan = ""] = (await output("output")).split(/^plan=/m).slice(-2);
    return JSON.parse(plan);
  };

  it("plans, rebuilds a job of the plan, and tells what it did", async () => {
    await runJob("rebuild", "plan", { ONLY: "" });
    const { count, matrix } = await planned();
    expect(count).toBe(1);
    expect(matrix.include[0].targets).toBe("lua:5.4 lua:5.4-dev lua:5.1 lua:5.1-dev");
    await runJob("rebuild", "rebuild", { ONLY: "lua:5.4" });
    expect(await world.registry.headManifest("test/lua", "5.4")).toBeDefined();
    expect(await world.registry.headManifest("test/lua", "5.1")).toBeUndefined();
    expect(await output("summary")).toMatch(/^# \d.* UTC: 2 of 2 targets done\n/);
    expect(JSON.parse(await output("daemon.json"))).toEqual({ features: { "containerd-snapshotter": true } });
    expect(await output("log")).toContain(
      "npm ci --include=dev --no-audit --no-fund\nsystemctl restart docker\n",
    );
    // Nothing is due: what one machine made of all platforms is published already.
    await runJob("rebuild", "join", { ONLY: "lua:5.4" });
  });

  it("scans what is published, and shows how it stands", async () => {
    await runJob("scan", "scan");
    expect(await world.registry.headManifest("test/lua", "5.4.ledger")).toBeUndefined();
    expect(await output("summary")).toContain("| `lua:5.4` | 5.4");
    expect(await output("status.html")).toContain("<!doctype html>");
  });

  it("writes the site", async () => {
    const output = world.path("pages");
    await runJob("site", "publish", { ARGS: `--output ${output}` });
    expect(await readFile(join(output, "images/lua.html"), "utf8")).toContain(world.namespace);
  });

  it("makes a version by what release-it is told, and gives npm the package that it packed", async () => {
    await runJob("release", "release", { INCREMENT: "minor" });
    const [released, published] = (await output("log")).trim().split("\n").slice(-2);
    expect(released).toMatch(/^npx --yes release-it@\d+\.\d+\.\d+ minor --ci$/);
    expect(published).toBe("npm publish ./birdhouse-*.tgz --provenance --access public");
  });

  it("makes a child pipeline of GitLab's whose jobs do what the plan says", async () => {
    const pipeline = parse(await readFile(join(PROJECT, ".gitlab-ci.yml"), "utf8"));
    const { default: defaults } = parse(
      await readFile(join(PROJECT, "schedule/gitlab/defaults.yml"), "utf8"),
    );
    await writeFile(world.path("login"), "{}");
    for (const line of defaults.before_script) {
      expect(await runLine(line, { REGISTRY_LOGIN: world.path("login"), ...stubbed() })).toMatchObject({
        exitCode: 0,
      });
    }
    expect(await output(".docker/config.json")).toBe("{}");
    expect(pipeline.rebuild.needs).toEqual(["plan"]);
    const artifact = pipeline.rebuild.trigger.include[1];
    expect(pipeline.plan.artifacts.paths).toEqual([artifact.artifact]);
    for (const line of pipeline.plan.script) {
      expect(await runLine(line)).toMatchObject({ exitCode: 0 });
    }
    const child = parse(await output(artifact.artifact));
    const [line] = child["rebuild 3.22"].script;
    const { exitCode, stdout } = await runLine(line);
    expect(stdout).toContain("2 targets published, 0 failed");
    expect(exitCode).toBe(0);
  });

  it("does the same in another repository, with the package that is installed there", async () => {
    await mkdir(join(team(), "node_modules"), { recursive: true });
    await symlink(PROJECT, join(team(), "node_modules/birdhouse"));
    await writeFile(join(team(), "catalog.yaml"), CATALOG);
    await writeFile(join(team(), "releases.json"), RELEASES);
    await runJob("rebuild", "plan", { ONLY: "" }, team());
    expect(await planned()).toMatchObject({ count: 0 });
    const again = { ONLY: "lua:5.1", ARGS: "--force" };
    await runJob("rebuild", "plan", again, team());
    const { matrix } = await planned();
    expect(matrix.include[0].targets).toBe("lua:5.1 lua:5.1-dev");
    await runJob("rebuild", "rebuild", again, team());
    expect(await output("state/runs/latest.md")).toMatch(/2 of 2 targets done/);
    await runJob("scan", "scan", {}, team());
    expect(await output("summary")).toContain("| `lua:5.1` | 5.1");
    await runJob("site", "publish", {}, team());
    expect(await readFile(join(team(), "site/images/lua.html"), "utf8")).toContain(world.namespace);
  });

  it("opens a pull request there with all that update changes, and nothing besides", async () => {
    const git = (...words: string[]) =>
      run(["git", "-c", "user.name=ann", "-c", "user.email=a@b", ...words], { cwd: team() });
    await writeFile(
      join(team(), ".gitignore"),
      `${await readFile(join(PROJECT, "templates/init/gitignore"), "utf8")}site/\n`,
    );
    await git("init", "--quiet");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "ours");
    await runJob("update", "propose", {}, team());
    // As peter-evans/create-pull-request does without add-paths.
    await git("add", "-A");
    const { stdout } = await git("status", "--porcelain");
    expect(stdout).toMatch(/^M {2}catalog\.yaml\n/);
    expect(stdout).toContain("A  images/lua/5.5/Dockerfile\n");
    // Nothing is left that was changed and is not added, and nothing is added that others made.
    expect(stdout.split("\n").filter((line) => line !== "" && !/^[AM] {2}/.test(line))).toEqual([]);
    expect(stdout).not.toMatch(/node_modules|\.birdhouse/);
  });

  it("asks Alpine, and writes the changes and the body of a pull request", async () => {
    await runJob("update", "propose");
    expect(await output("update.md")).toContain(
      "| IMAGE | VERSION | CHANGE | FROM → TO | WHY |\n| - | - | - | - | - |\n| Alpine | 3.24 | new branch | → 2099-05-01 |",
    );
    expect(await output("update.md")).toMatch(/\n\ncatalog|catalog\.yaml: \d+ changes written\./);
    expect(await output("summary")).toContain("| lua | 5.4 | move | 3.22 → 3.24 |");
    expect(await world.readCatalog()).toContain('"5.4": { branch: "3.24" }');
  });

  it("tests what make test does", async () => {
    const lines = ["quick", "all", "soak"].flatMap((job) => runLinesOf(workflow("test"), job));
    for (const line of lines) {
      // A test that ran the tests would have no end: of those, and of what was linted before, only that make knows what
      // to do.
      const isTest = /^make (lint|unit|integration|e2e|test-all|soak)$/.test(line);
      const { exitCode, output: printed } = await runLine(line, isTest ? { MAKEFLAGS: "n" } : {});
      expect({ line, exitCode, printed: exitCode === 0 ? "" : printed }).toEqual({
        line,
        exitCode: 0,
        printed: "",
      });
    }
    const tested = lines.flatMap((line) => /^make (lint|unit|integration|e2e)$/.exec(line)?.[1] ?? []);
    // The unit tests run a second time, as on another machine.
    const { stdout } = await tryRun(["make", "-np", "test"], { cwd: PROJECT });
    expect(stdout).toContain(`\ntest: ${[...new Set(tested)].join(" ")}\n`);
  });

  it("leaves no line out", () => {
    const all = workflows.flatMap((one) => Object.keys(one.jobs).flatMap((job) => runLinesOf(one, job)));
    all.push(...readSetup().steps.flatMap(({ run: line }) => line ?? []));
    expect(all.filter((line) => !done.has(line))).toEqual([]);
  });
});
