import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { smallCatalog } from "../support/catalogs.ts";
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
      `ExecStart="${process.execPath}" "${PROJECT}/scripts/with-variables.mjs" rebuild\n`,
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

describe("what the timer starts", () => {
  /** As systemd would: the service's command in its folder, with its variables and those of the settings over them. */
  const start = async (service: string, settings: Readonly<Record<string, string>>) => {
    const lines = service.split("\n");
    const wordsOf = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}=`))
        .flatMap((line) => line.slice(name.length + 1).match(/"[^"]*"|\S+/g) ?? [])
        .map((word) => word.replaceAll('"', ""));
    const given = wordsOf("Environment").map((pair) => [
      pair.split("=")[0] ?? "",
      pair.replace(/^[^=]*=/, ""),
    ]);
    const cwd = /^WorkingDirectory=(.*)$/m.exec(service)?.[1] ?? "";
    const env = { ...Object.fromEntries(given), HOME: cwd, ...settings };
    return { ...(await tryRun(wordsOf("ExecStart"), { cwd, env })), writable: wordsOf("ReadWritePaths") };
  };

  it("is the catalog that was named, in its folder, with the registry of the settings", async () => {
    const root = await temporaryDirectory();
    const folder = join(root, "srv/my images");
    const catalog = join(folder, "catalog.yaml");
    const install = ["make", "-C", PROJECT, "install-timer", `DESTDIR=${root}`, `CATALOG=${catalog}`];
    const without = await tryRun(install);
    expect(without.output).toContain(`CATALOG: there is no ${catalog}`);
    await mkdir(folder, { recursive: true });
    await writeFile(catalog, smallCatalog(["lua"]));
    await run(install);
    const service = await readFile(join(root, "etc/systemd/system/birdhouse.service"), "utf8");
    const started = await start(service, { REGISTRY: "not a registry", ARGS: "--deadline 4h" });
    expect(started.output).toContain("not a registry");
    expect(started.exitCode).toBe(2);
    expect(started.writable).toEqual(expect.arrayContaining([folder, join(PROJECT, ".birdhouse")]));
    const other = await start(service, { ONLY: "node", REGISTRY: "127.0.0.1:5000/test" });
    expect(other.output).toMatch(/node/);
    expect(other.output).toMatch(/lua/);
    expect(other.exitCode).toBe(2);
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
