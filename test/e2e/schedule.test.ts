import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { PROJECT } from "../support/workflows.ts";
import { temporaryDirectory } from "../unit/formats/oci/sample-image.ts";

describe("the systemd timer", () => {
  it("is installed whole, is right by systemd's own word, and goes without a trace", async () => {
    await ensureTools(["systemd-analyze"]);
    const root = await temporaryDirectory();
    const make = (target: string) => run(["make", "-C", PROJECT, target, `DESTDIR=${root}`]);
    await make("install-timer");
    const folder = join(root, "etc/systemd/system");
    const units = ["birdhouse.service", "birdhouse.timer"].map((name) => join(folder, name));
    expect(await readdir(folder)).toEqual(["birdhouse.service", "birdhouse.timer"]);
    const service = await readFile(units[0] ?? "", "utf8");
    expect(service).not.toMatch(/@[A-Z]+@/);
    expect(service).toContain(`WorkingDirectory=${PROJECT}\n`);
    expect(service).toContain(
      `ExecStart="${process.execPath}" scripts/start.mjs rebuild $BIRDHOUSE_OPTIONS\n`,
    );

    const verified = await tryRun(["systemd-analyze", "verify", "--man=no", ...units]);
    // Units of this machine may have their own troubles.
    expect(verified.output.split("\n").filter((line) => line.includes("birdhouse"))).toEqual([]);
    expect(verified.exitCode).toBe(0);
    // From 0, closed, to 100, open.
    const security = ["systemd-analyze", "security", "--offline=true", "--threshold=60", "--no-pager"];
    const judged = await tryRun([...security, ...units.slice(0, 1)]);
    expect(judged.output).toMatch(/Overall exposure level for birdhouse\.service: [0-5]\.\d/);
    expect(judged.exitCode).toBe(0);

    await make("uninstall-timer");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what the CronJob runs", () => {
  /** Runs it where docker and node only write down what they are asked. */
  const runWith = async (docker: string, node: string) => {
    const folder = await temporaryDirectory();
    const log = join(folder, "log");
    for (const [name, script] of Object.entries({ docker, node })) {
      await writeFile(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      BUILDX_BUILDER: "birdhouse",
      BUILDER_OPTIONS: "namespace=birdhouse,replicas=4",
    };
    const script = join(PROJECT, "schedule/kubernetes/run.sh");
    const { exitCode } = await tryRun([script, "--registry", "registry.example/base"], { env });
    return { exitCode, asked: (await readFile(log, "utf8")).trim().split("\n") };
  };
  const rebuild = "node scripts/start.mjs rebuild --engine docker --registry registry.example/base";

  it("makes a builder of pods where there is none, and rebuilds with it", async () => {
    const { exitCode, asked } = await runWith('[ "$*" != "buildx inspect birdhouse" ]', "exit 0");
    expect(asked).toEqual([
      "docker buildx inspect birdhouse",
      "docker buildx create --name birdhouse --driver kubernetes --driver-opt namespace=birdhouse,replicas=4",
      "docker buildx inspect --bootstrap birdhouse",
      rebuild,
    ]);
    expect(exitCode).toBe(0);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 0],
  ])("where the rebuild ends with %i it ends with %i", async (ended, expected) => {
    const { exitCode, asked } = await runWith("exit 0", `exit ${ended}`);
    expect(asked).toEqual([
      "docker buildx inspect birdhouse",
      "docker buildx inspect --bootstrap birdhouse",
      rebuild,
    ]);
    expect(exitCode).toBe(expected);
  });

  it("builds nothing without its builder", async () => {
    const { exitCode, asked } = await runWith("exit 1", "exit 0");
    expect(asked).not.toContain(rebuild);
    expect(exitCode).toBe(1);
  });
});
