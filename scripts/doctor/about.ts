import { readFile } from "node:fs/promises";
import { availableParallelism, release, type as systemType, totalmem } from "node:os";
import { VERSION } from "../system/environment.ts";
import { tryRun } from "../system/process/process.ts";
import { formatBytes } from "../system/shown/format.ts";

/** What runs here, and on what. */
export interface About {
  readonly birdhouse: string;
  readonly node: string;
  readonly system: string;
  readonly machine: string;
}

/** @param project Birdhouse's own folder: its commit is told where it is a clone */
export async function about(project: string): Promise<About> {
  const commit = await tryRun(["git", "-C", project, "describe", "--always", "--dirty", "--exclude=*"], {
    // Without it git would write its index anew, and a doctor changes nothing.
    env: { GIT_OPTIONAL_LOCKS: "0" },
  });
  const name = await distribution();
  return {
    birdhouse: commit.exitCode === 0 ? `${VERSION} (${commit.stdout.trim()})` : VERSION,
    node: process.version,
    system: `${name === undefined ? "" : `${name}, `}${systemType()} ${release()}`,
    machine: `${process.arch}, ${availableParallelism()} processors, ${formatBytes(totalmem())} of memory`,
  };
}

/** Source: os-release(5). */
async function distribution(): Promise<string | undefined> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1];
}
