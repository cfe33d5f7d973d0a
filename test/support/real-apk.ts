import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { noFixtures, type RootfsBranch, rootfsArchive } from "./alpine-fixtures.ts";

/** Alpine's own apk in a root filesystem of its own. Paths given to it are below `root`. */
export interface RealApk {
  /** Where the root filesystem lies. */
  readonly root: string;
  /** Runs `apk` with these arguments, whatever its exit code. */
  apk(...args: readonly string[]): Promise<ProcessResult>;
  /** Runs a shell script in the root filesystem. @throws CommandError when it fails */
  shell(script: string, input: string): Promise<string>;
  remove(): void;
}

/** Why the real apk cannot be run here; undefined when it can. */
export const noRealApk: string | undefined =
  noFixtures ??
  (process.platform === "linux" && process.arch === "x64" ? undefined : "the real apk is for linux/amd64") ??
  (process.getuid?.() === 0 ? undefined : "chroot needs root");

/** Unpacks Alpine's root filesystem into a new temporary directory, which `remove` takes away again. */
export async function unpackRealApk(branch: RootfsBranch = "3.20"): Promise<RealApk> {
  const root = mkdtempSync(join(tmpdir(), "birdhouse-alpine-"));
  await run(["tar", "-xzf", rootfsArchive(branch), "-C", root]);
  return {
    root,
    apk: (...args) => tryRun(["chroot", root, "/sbin/apk", ...args]),
    shell: async (script, input) => (await run(["chroot", root, "/bin/sh", "-c", script], { input })).stdout,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
