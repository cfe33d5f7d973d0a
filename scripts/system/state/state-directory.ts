import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../files/files.ts";

/**
 * Tells a state directory of ours from any other folder, so that cleaning one that was named by mistake, such as a home
 * directory, removes nothing.
 */

/** The file in it that says so. */
const MARK = "birdhouse-state";
const BEGIN = "This is a state directory of Birdhouse.";
const TEXT = `${BEGIN} What lies in it can be made again; its command clean removes parts of it.\n`;

/** What we have ever made in one, and ext4 where it is mounted. Those made before there was a mark hold nothing else. */
const NAMES =
  `bundles catalog engine journals layouts registry runs sandbox scratch test upstream lost+found ${MARK}`.split(
    " ",
  );

/** Whether a directory says that it is ours. */
export async function isMarked(directory: string): Promise<boolean> {
  return (await readFile(join(directory, MARK), "utf8").catch(() => "")).startsWith(BEGIN);
}

/**
 * The names in a directory that none of ours has; none in one that is marked.
 * @throws Error where it is there and cannot be read
 */
export async function strangersIn(directory: string): Promise<string[]> {
  if (await isMarked(directory)) return [];
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => !NAMES.includes(name)).sort();
}

/** Marks a directory as ours, unless it holds anything that is not. Where it cannot be written it goes unmarked. */
export async function markStateDirectory(directory: string): Promise<void> {
  try {
    if ((await isMarked(directory)) || (await strangersIn(directory)).length > 0) return;
    await writeWhole(join(directory, MARK), TEXT);
  } catch {
    // Whoever needs to write there says so.
  }
}
