import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";
import { unpackDebian } from "./unpack-debian.ts";
import { PROJECT_STATE, type World } from "./world.ts";

const PROJECT = resolve(PROJECT_STATE, "..");
/** What a clone has not, or has of its own. */
const LEFT_OUT = new Set([".git", ".birdhouse", "node_modules", "dist"]);

/**
 * A copy of the project in a folder of its own, whose processes have another clock and another time zone.
 *
 * The clock is that of everything that asks the C library: Node and so all of Birdhouse, `tar`, `gzip`, shells. A
 * program in Go, as buildah is, asks the kernel, and so does what stamps files: their clock has only gone on since the
 * first build. Packages come from the same mirror, and images go to the same registry.
 */
export class OtherClone {
  private constructor(
    readonly directory: string,
    readonly library: string,
  ) {}

  static async open(): Promise<OtherClone> {
    const parent = await mkdtemp(join(tmpdir(), "birdhouse-other-"));
    const directory = join(parent, "a folder with a longer name", "birdhouse");
    await cp(PROJECT, directory, {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(relative(PROJECT, source)),
    });
    await symlink(join(PROJECT, "node_modules"), join(directory, "node_modules"));
    await mkdir(join(directory, ".birdhouse"));
    await symlink(join(PROJECT_STATE, "sandbox"), join(directory, ".birdhouse/sandbox"));
    return new OtherClone(directory, await unpackFaketime());
  }

  /** Runs a command of Birdhouse in the clone, with the registry and the mirror of a world. @param path its `PATH` */
  birdhouse(world: World, path: string, command: string, ...args: readonly string[]): Promise<ProcessResult> {
    const words = ["--profile", "sandbox", "--registry", world.namespace];
    const port = ["--mirror-port", String(world.mirrorPort)];
    const argv = [process.execPath, join(this.directory, "scripts/start.mjs"), command, ...words, ...port];
    return tryRun([...argv, ...args], { cwd: this.directory, env: { ...this.clock, PATH: path } });
  }

  /** Source: libfaketime's README. Waiting takes as long as ever, and files keep the times that they have. */
  get clock(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME: "+400d",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
      TZ: "Pacific/Kiritimati",
    };
  }

  close(): Promise<void> {
    return rm(resolve(this.directory, "../.."), { recursive: true, force: true });
  }
}

/** @returns the path of libfaketime, in a folder named after the machine's architecture */
async function unpackFaketime(): Promise<string> {
  const root = await unpackDebian("bookworm", "libfaketime");
  const { stdout } = await run(["find", root, "-name", "libfaketime.so.1"]);
  return stdout.trim();
}
