import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism, release, type as systemType, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { openEngine } from "../engine/choose.ts";
import type { Engine, EngineName } from "../engine/engine.ts";
import { requirePods } from "../engine/pods/pods.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { hostPlatform } from "../model/platform.ts";
import { PACKAGED, VERSION } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { makeScratch, removeTree, writeWhole } from "../system/files/files.ts";
import { tryRun } from "../system/process/process.ts";
import { formatBytes } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import type { Check, CheckResult } from "./check.ts";

/** What runs here, and on what. @param project Birdhouse's own folder: its commit is told where it is a clone */
export async function about(project: string) {
  // An installed package lies in a folder of somebody else's clone.
  const commit = PACKAGED
    ? undefined
    : await tryRun(["git", "-C", project, "describe", "--always", "--dirty", "--exclude=*"], {
        // Without it git would write its index anew, and a doctor changes nothing.
        env: { GIT_OPTIONAL_LOCKS: "0" },
      });
  const name = await distribution();
  return {
    birdhouse: commit?.exitCode === 0 ? `${VERSION} (${commit.stdout.trim()})` : VERSION,
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

/** Bytes. A pair of images takes a few hundred megabytes while it is built; below the second none is. */
const ENOUGH = 5e9;
const LEAST = 1e9;

/** Whether the state directory can be written or made, and has room. Nothing is written to find out. */
export function diskCheck(state: string): Check {
  return {
    name: "disk",
    async run() {
      try {
        const folder = await nearestFolder(state);
        await access(folder, constants.W_OK | constants.X_OK);
        const { bavail, bsize } = await statfs(folder);
        return roomFinding(state, bavail * bsize);
      } catch (error) {
        return {
          status: "fail",
          found: `${state} cannot be written: ${messageOf(error)}`,
          advice: "give the folder to the user who runs this, or name another one with --state",
        };
      }
    },
  };
}

/** The folder itself, or the one that is there and that it would be made in. @throws Error where a file is in the way */
async function nearestFolder(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
    throw new Error(`${path} is not a folder`);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const parent = dirname(path);
    if (!isMissing || parent === path) throw error;
    return nearestFolder(parent);
  }
}

/** What to say of so many free bytes. Pure. */
export function roomFinding(state: string, free: number): CheckResult {
  const found = `${formatBytes(free)} free at ${state}`;
  if (free >= ENOUGH) return { status: "ok", found };
  return {
    status: free < LEAST ? "fail" : "warn",
    found,
    advice: `make room: ${typed("clean")} removes old layouts, and a smaller clean.disk in the catalog more of them`,
  };
}

/**
 * Whether an engine is there, and builds: an image of one file, from nothing, so that no network has a part. All of it
 * is done in a place of its own, which goes again: what runs have in their state directory is not touched.
 */
export function engineCheck(choice: EngineName | "auto", builder?: string, open = openEngine): Check {
  return {
    name: "engine",
    async run(signal) {
      const directory = await makeScratch(tmpdir(), "birdhouse-doctor-");
      try {
        return await tryEngine(await open(choice, join(directory, "store"), { builder }), directory, signal);
      } finally {
        await removeTree(directory);
      }
    },
  };
}

async function tryEngine(
  engine: Pick<Engine, "name" | "title" | "build" | "close">,
  directory: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    const dockerfile = join(directory, "Dockerfile");
    await writeWhole(dockerfile, "FROM scratch AS image\nCOPY proof /proof\n");
    await writeWhole(join(directory, "proof"), "It builds.\n");
    const layout = join(directory, "layout");
    const platform = hostPlatform();
    const fixed = { args: {}, time: 0, insecureBase: false, hostNetwork: false };
    await engine.build({ name: "doctor", dockerfile, platform, layout, ...fixed, signal });
    const { manifests } = await (await OciLayout.open(layout)).readIndex();
    if (manifests.length !== 1) throw new Error(`it made ${manifests.length} images, expected one`);
    return { status: "ok", found: `${engine.title}, and it builds` };
  } catch (error) {
    return {
      status: "fail",
      found: `${engine.title} cannot build: ${messageOf(error)}`,
      advice: `repeat the command by hand, or try the other engine with --engine ${other(engine.name)}`,
    };
  } finally {
    await engine.close();
  }
}

function other(name: EngineName): EngineName {
  return name === "docker" ? "buildah" : "docker";
}

/** Whether the cluster would take a Pod of a smoke test; it is asked, and makes none. */
export function podsCheck(namespace: string): Check {
  return {
    name: "pods",
    async run() {
      await requirePods(namespace);
      return { status: "ok", found: `the namespace ${namespace} takes Pods of smoke tests` };
    },
  };
}
