import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../files/files.ts";

/**
 * Tells a state directory of ours from any other folder, so that cleaning one that was named by mistake, such as a home
 * directory, removes nothing.
 */

/** The file in it that says so. */
const MARK = "birdhouse-state";
const TEXT =
  "This is a state directory of Birdhouse. What lies in it can be made again; `make clean` removes parts of it.\n";

/** What we have ever made in one. Those made before there was a mark hold nothing else. */
const NAMES = new Set([
  ...[
    "bundles",
    "catalog",
    "engine",
    "journals",
    "layouts",
    "registry",
    "runs",
    "sandbox",
    "scratch",
    "test",
  ],
  ...["upstream", MARK],
]);

/** What is there before anybody has made anything: where ext4 is mounted, and in a checkout that was started. */
const NOTHING = new Set(["lost+found", "bundles", "test"]);

/** Ours by its mark, ours by all that is in it (or there is nothing), or somebody else's. */
export type StateKind = "marked" | "unmarked" | "foreign";

/** @throws Error where it is there and cannot be read */
export async function stateKind(directory: string): Promise<StateKind> {
  const text = await readFile(join(directory, MARK), "utf8").catch(() => undefined);
  if (text === TEXT) return "marked";
  return (await strangersIn(directory)).length === 0 ? "unmarked" : "foreign";
}

/** The names in a directory that none of ours has. */
export async function strangersIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => !NAMES.has(name) && !NOTHING.has(name)).sort();
}

/** Marks a directory as ours, unless it holds anything that is not. Where it cannot be written it goes unmarked. */
export async function markStateDirectory(directory: string): Promise<void> {
  try {
    if ((await stateKind(directory)) !== "unmarked") return;
    await writeWhole(join(directory, MARK), TEXT);
  } catch {
    // Whoever needs to write there says so.
  }
}
