import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { PROJECT, SETUP } from "../support/workflows.ts";

/**
 * A Mac has BSD's tools, which know few of GNU's options. busybox's know few of them too, and its shell is a POSIX one:
 * here they are all that there is beside node, npm and make.
 */
describe("without GNU's tools", () => {
  let bin: string;
  let root: string;

  beforeAll(async () => {
    await ensureTools(["busybox"]);
    root = await mkdtemp(join(tmpdir(), "birdhouse-portable-"));
    bin = join(root, "bin");
    await mkdir(bin);
    const { stdout: busybox } = await run(["which", "busybox"]);
    const { stdout: applets } = await run(["busybox", "--list"]);
    for (const name of applets.trim().split("\n")) await symlink(busybox.trim(), join(bin, name));
    const { stdout: make } = await run(["which", "make"]);
    const { stdout: npm } = await run(["which", "npm"]);
    for (const [name, path] of Object.entries({
      node: process.execPath,
      make: make.trim(),
      npm: npm.trim(),
    })) {
      await symlink(path, join(bin, name));
    }
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  /** @param env replaces PATH and nothing else */
  const withBusybox = (argv: readonly string[], cwd = PROJECT, env = {}): Promise<ProcessResult> =>
    tryRun(argv, { cwd, env: { PATH: bin, ...env } });
  const make = (...words: readonly string[]) => withBusybox(["make", `SHELL=${join(bin, "sh")}`, ...words]);

  it("finds what is GNU's alone", async () => {
    expect((await withBusybox(["sh", "-c", "date --iso-8601=ns --debug"])).exitCode).not.toBe(0);
    expect((await withBusybox(["sh", "-c", "gcc --version"])).exitCode).not.toBe(0);
  });

  it("make does all that needs no container", async () => {
    const { stdout: help, exitCode } = await make("help");
    expect(exitCode).toBe(0);
    expect(help).toMatch(/^ {2}make rebuild {9}plan, build/m);
    expect((await make("check")).stdout).toMatch(/ is valid \(\d+ targets\)\.\n$/);
    expect((await make("-s", "list", "ONLY=lua:5.4")).stdout).toMatch(/^lua:5\.4 /m);
    const state = join(root, "state");
    expect((await make("summary", `STATE=${state}`)).exitCode).toBe(0);
    await mkdir(join(state, "runs"), { recursive: true });
    await writeFile(join(state, "runs/latest.md"), "# done\n");
    expect((await make("-s", "summary", `STATE=${state}`)).stdout).toBe("# done\n");
    await make("install-timer", `DESTDIR=${root}/units`);
    const units = join(root, "units/etc/systemd/system");
    expect(await readdir(units)).toEqual(["birdhouse.service", "birdhouse.timer"]);
    expect((await make("uninstall-timer", `DESTDIR=${root}/units`)).exitCode).toBe(0);
    expect(await readdir(units)).toEqual([]);
  });

  it("so do the scripts of the workflows and of the CronJob", async () => {
    const shim = await withBusybox(["sh", join(PROJECT, SETUP, "birdhouse"), "check"], PROJECT, {
      REGISTRY: "",
    });
    expect(shim.stdout).toContain("is valid");
    const env = { BUILDX_BUILDER: "b", BUILDER_OPTIONS: "replicas=1" };
    await writeFile(join(bin, "docker"), `#!/bin/sh\necho "docker $*" >> ${root}/log\nexit 1\n`, {
      mode: 0o755,
    });
    const job = await withBusybox(["sh", join(PROJECT, "schedule/kubernetes/run.sh")], PROJECT, env);
    expect(job.exitCode).toBe(1);
    expect(await readFile(join(root, "log"), "utf8")).toContain("docker buildx create --name b");
  });
});
