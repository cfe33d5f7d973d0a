import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type ProcessResult, tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { PROJECT, readWorkflows, runLinesOf } from "../support/workflows.ts";
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

  /** @param env what the workflow's `env` gives, and `vars` of the repository */
  const runLine = (line: string, env: Record<string, string> = {}): Promise<ProcessResult> => {
    done.add(line);
    return tryRun(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line], {
      cwd: PROJECT,
      env: {
        ...{ PROFILE: "sandbox", CATALOG: world.path("catalog.yaml"), STATE: world.path("state") },
        ...{ REGISTRY: world.namespace, MIRROR_PORT: String(world.mirrorPort), HOME: world.directory },
        ...{ GITHUB_OUTPUT: world.path("output"), GITHUB_STEP_SUMMARY: world.path("summary") },
        ...{ RUNNER_TEMP: world.directory, CI_PROJECT_DIR: world.directory },
        ...{ DAEMON_JSON: world.path("daemon.json"), STUB_LOG: world.path("log") },
        ...env,
      },
    });
  };
  const runJob = async (name: string, job: string, env: Record<string, string> = {}) => {
    for (const line of runLinesOf(workflow(name), job)) {
      const { exitCode, output: printed } = await runLine(line, env);
      expect({ line, exitCode, printed: exitCode === 0 ? "" : printed }).toEqual({
        line,
        exitCode: 0,
        printed: "",
      });
    }
  };
  const stubbed = () => ({ PATH: `${world.path("stubs")}:${process.env.PATH}` });

  it("plans, rebuilds a job of the plan, and tells what it did", async () => {
    await runJob("nightly", "plan", { ONLY: "" });
    const [, plan = ""] = /^plan=(.*)\n$/.exec(await output("output")) ?? [];
    const { count, matrix } = JSON.parse(plan);
    expect(count).toBe(1);
    expect(matrix.include[0].targets).toBe("lua:5.4 lua:5.4-dev lua:5.1 lua:5.1-dev");
    await runJob("nightly", "rebuild", { ONLY: "lua:5.4", ...stubbed() });
    expect(await world.registry.headManifest("test/lua", "5.4")).toBeDefined();
    expect(await world.registry.headManifest("test/lua", "5.1")).toBeUndefined();
    expect(await output("summary")).toMatch(/^# \d.* UTC: 2 of 2 targets done\n/);
    expect(JSON.parse(await output("daemon.json"))).toEqual({ features: { "containerd-snapshotter": true } });
    expect(await output("log")).toBe("systemctl restart docker\n");
    // Nothing is due: what one machine made of all platforms is published already.
    await runJob("nightly", "join", { ONLY: "lua:5.4", ...stubbed() });
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
    const lines = ["quick", "all"].flatMap((job) => runLinesOf(workflow("test"), job));
    for (const line of lines) {
      // A test that ran the tests would have no end: of those, and of what was linted before, only that make knows what
      // to do.
      const isTest = /^make (lint|unit|integration|e2e|test-all)$/.test(line);
      const { exitCode, output: printed } = await runLine(line, isTest ? { MAKEFLAGS: "n" } : {});
      expect({ line, exitCode, printed: exitCode === 0 ? "" : printed }).toEqual({
        line,
        exitCode: 0,
        printed: "",
      });
    }
    const tested = lines.flatMap((line) => /^make (lint|unit|integration|e2e)$/.exec(line)?.[1] ?? []);
    const { stdout } = await tryRun(["make", "-np", "test"], { cwd: PROJECT });
    expect(stdout).toContain(`\ntest: ${tested.join(" ")}\n`);
  });

  it("leaves no line out", () => {
    const all = workflows.flatMap((one) => Object.keys(one.jobs).flatMap((job) => runLinesOf(one, job)));
    expect(all.filter((line) => !done.has(line))).toEqual([]);
  });
});
