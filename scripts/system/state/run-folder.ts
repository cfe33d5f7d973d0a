import { existsSync } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { z } from "zod";
import { makeScratch, removeTree, writeWhole } from "../files/files.ts";
import { tryJson } from "../json.ts";
import { tryRun } from "../process/process.ts";
import { isElsewhere, isGone, processIdentity } from "./identity.ts";

/**
 * Folders that belong to one run: the stores of engines, and the sign that a run is in progress. Each has a file in it
 * that says whose it is, so that only what a run of ours has left behind is ever removed: several machines and
 * containers may share a state directory, and their numbers of processes say nothing to each other.
 */

/** The file in each that says whose it is. */
const MARK = "birdhouse-run.json";
/** What such a folder is called: `1234-x8Kd0a`. */
const NAME = /^\d{1,10}-[A-Za-z0-9]{6}$/;
/** Milliseconds after which a run that cannot be looked for from here is taken to have ended: none lasts two days. */
const LONGEST_RUN = 2 * 24 * 60 * 60 * 1000;

const markSchema = z.object({
  /** See `processIdentity`; absent where the system tells none. */
  identity: z.string().optional(),
  pid: z.int().positive(),
  /** Milliseconds since 1970. */
  made: z.number(),
});

/** Whose a folder is: our own run's, another's that may be running, one's that has ended, or no run's of ours. */
export type FolderOwner = "own" | "running" | "ended" | "unknown";

/** Makes a folder for this run. @param directory where; made where it is missing */
export async function makeRunFolder(directory: string): Promise<string> {
  const folder = await makeScratch(directory, `${process.pid}-`);
  const identity = processIdentity();
  const mark = { ...(identity !== undefined && { identity }), pid: process.pid, made: Date.now() };
  await writeWhole(join(folder, MARK), JSON.stringify(mark));
  return folder;
}

/**
 * Has whatever is made in a folder from now on begin elsewhere on the disk. ext4 puts a folder near the one that it is in, and
 * where much was removed a short while ago, looks at thousands of numbers for one that no file had in the last minutes: to
 * write five thousand files took 4 s in place of 0.2 s. Other file systems do not mind.
 * Source: chattr(1), T; Linux, fs/ext4/ialloc.c, recently_deleted
 * @param folder need not be there yet: then a later call does it
 * @returns what does it once, as often as it is called
 */
export function spreader(folder: string): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone || !existsSync(folder)) return;
    isDone = true;
    await tryRun(["chattr", "+T", folder]);
  };
}

/** Whose a folder is. What does not bear our mark under a name of ours is `unknown`, and none of our business. */
export async function ownerOf(path: string): Promise<FolderOwner> {
  const isFolder = (await lstat(path).catch(() => undefined))?.isDirectory();
  const mark = isFolder && NAME.test(basename(path)) ? await readMark(path) : undefined;
  if (!mark) return "unknown";
  const { identity, pid, made } = mark;
  if (identity === undefined) return pid === process.pid ? "own" : isAlive(pid) ? "running" : "ended";
  if (identity === processIdentity()) return "own";
  if (isGone(identity)) return "ended";
  return isElsewhere(identity) && Date.now() - made > LONGEST_RUN ? "ended" : "running";
}

/** The folders that runs which have ended left in a directory. */
export async function abandonedIn(directory: string): Promise<string[]> {
  const paths = (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
  const owners = await Promise.all(paths.map((path) => ownerOf(path)));
  return paths.filter((_, index) => owners[index] === "ended");
}

/** Removes a folder of a run, and what is mounted below it. @throws Error where something in it cannot be removed */
export async function removeRunFolder(path: string): Promise<void> {
  await unmountBelow(path);
  await removeOurs(path);
}

/**
 * Removes a folder in which containers may have written. What they wrote for a plain user belongs to user ids that only
 * a namespace of theirs may touch: their engine enters one. Source: buildah-unshare(1), podman-unshare(1)
 * @throws Error where something in it cannot be removed
 */
export async function removeOurs(path: string): Promise<void> {
  try {
    await removeTree(path);
  } catch (error) {
    if (process.getuid?.() === 0) throw error;
    for (const engine of ["buildah", "podman"]) {
      if ((await tryRun([engine, "unshare", "rm", "-rf", "--", path])).exitCode === 0) return;
    }
    throw error;
  }
}

async function readMark(path: string): Promise<z.infer<typeof markSchema> | undefined> {
  const text = await readFile(join(path, MARK), "utf8").catch(() => "");
  return markSchema.safeParse(tryJson(text)).data;
}

/** Whether a process of this number runs. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Refused: it lives, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Unmounts all that is mounted below a directory, deepest first. Does nothing where there are no mounts. */
export async function unmountBelow(directory: string): Promise<void> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  for (const point of mountPoints(table).reverse()) {
    if (`${point}${sep}`.startsWith(directory + sep)) await tryRun(["umount", point]);
  }
}

/** The mount points of a `mountinfo` table, in the order they were mounted. Source: proc(5). */
export function mountPoints(table: string): string[] {
  const unescaped = (point: string) =>
    point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return table.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return point === undefined ? [] : [unescaped(point)];
  });
}
