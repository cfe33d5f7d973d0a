import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemClock } from "../environment.ts";
import { makeFolder, moveInto, removeFile, writeNew, writeWhole } from "../files/files.ts";
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

/** Takes the file of one that has ended away, whoever of several does it. @returns whether it may be gone now */
async function takeAway(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === undefined) return true;
  if (!holder.hasEnded) return false;
  // By a name of our own: what another one wrote meanwhile is not to be removed.
  const aside = `${path}.${process.pid}`;
  try {
    await moveInto(path, aside);
  } catch {
    return true;
  }
  const moved = await holderOf(aside);
  if (moved && !moved.hasEnded) await moveInto(aside, path);
  else await removeFile(aside);
  return true;
}

/** Who is at it; undefined where nobody is any more. */
async function holderOf(path: string): Promise<{ readonly hasEnded: boolean } | undefined> {
  try {
    const [who, { mtimeMs }] = [await readFile(path, "utf8"), await stat(path)];
    const isOld = Date.now() - mtimeMs > SILENCE;
    // Empty between being made and being written, and where the system names no processes.
    if (who === "" || isElsewhere(who)) return { hasEnded: isOld };
    return { hasEnded: isGone(who) };
  } catch {
    return undefined;
  }
}
