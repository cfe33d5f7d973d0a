import { lstat, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { systemClock } from "../environment.ts";
import { toFileError } from "../files/errors.ts";
import { makeFolder, removeFile, writeNew, writeWhole } from "../files/files.ts";
import { isElsewhere, isGone, processIdentity } from "./identity.ts";

/** Milliseconds between two looks whether the other one has ended. */
const PAUSE = 200;
/** Milliseconds between two signs of life, and without one after which who cannot be looked for from here has ended. */
const BEAT = 5_000;
const SILENCE = 60_000;

export interface AloneOptions {
  /** Told once, where somebody else is at it. */
  readonly onWait: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Does what only one process of a machine may do at a time, such as to fill a folder that all of them use: others wait.
 * Of one that was killed the next takes over.
 * @param path a file that is there meanwhile, and says who is at it
 * @throws what `use` throws; the reason of the signal
 */
export async function alone<T>(
  path: string,
  { onWait, signal }: AloneOptions,
  use: () => Promise<T>,
): Promise<T> {
  const us = processIdentity() ?? "";
  await makeFolder(dirname(path));
  for (let isTold = false; !(await isTaken(path, us)); ) {
    if (await takeAway(path)) continue;
    if (!isTold) onWait();
    isTold = true;
    await systemClock.sleep(PAUSE, signal);
  }
  const stop = keepAlive(path, us);
  try {
    return await use();
  } finally {
    await stop();
    await removeFile(path);
  }
}

/** Writes the file anew every few seconds. @returns ends that, and waits for what is being written */
function keepAlive(path: string, us: string): () => Promise<void> {
  let writing = Promise.resolve();
  const beating = setInterval(() => {
    writing = writeWhole(path, us).catch(() => {});
  }, BEAT);
  beating.unref();
  return () => {
    clearInterval(beating);
    return writing;
  };
}

async function isTaken(path: string, us: string): Promise<boolean> {
  try {
    await writeNew(path, us, 0o644);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes the file of one that has ended. Only one at a time may: between looking and removing, another would have put a
 * file of its own there.
 * @returns whether there may be none now
 */
async function takeAway(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (!holder?.hasEnded) return holder === undefined;
  const guard = `${path}.taking`;
  if (!(await isTaken(guard, ""))) {
    // Whoever was killed meanwhile left it.
    if ((await holderOf(guard))?.hasEnded) await removeFile(guard);
    return false;
  }
  try {
    if ((await holderOf(path))?.hasEnded) await removeFile(path);
  } finally {
    await removeFile(guard);
  }
  return true;
}

/** Who is at it; undefined where nobody is any more. @throws FileError where something else has the place of the file */
async function holderOf(path: string): Promise<{ readonly hasEnded: boolean } | undefined> {
  const about = await lstat(path).catch(() => undefined);
  if (!about) return undefined;
  const who = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // Removed by now, or a link to nothing: that is nobody's, and goes when it is old.
    if (error.code === "ENOENT") return "";
    throw toFileError(error, "read", path);
  });
  // Empty between being made and being written, and where the system names no processes.
  if (who === "" || isElsewhere(who)) return { hasEnded: Date.now() - about.mtimeMs > SILENCE };
  return { hasEnded: isGone(who) };
}
