import type { LimitFunction } from "p-limit";
import type { SuiteArchive } from "../debian.ts";

/** A package of Debian to come. */
export interface Download {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** Each costs a start of apt, which is a quarter of a second. */
const PARTS = 6;

/**
 * Downloads packages in a few parts, the largest first: while one part comes in, what came before is converted, and
 * what takes longest begins first.
 * @param line takes one part at a time
 * @returns for each package when it is there, and where; all that come after a part that fails fail with it
 */
export function downloadInParts(
  archive: Pick<SuiteArchive, "download">,
  wanted: readonly Download[],
  directory: string,
  line: LimitFunction,
): ReadonlyMap<string, Promise<string>> {
  const paths = new Map<string, Promise<string>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const part of downloadParts(wanted)) {
    const files = before.then(() => line(() => archive.download(part, directory)));
    // Whoever waits for one of its packages is told.
    files.catch(() => {});
    before = files;
    for (const name of part) paths.set(name, pathIn(files, name));
  }
  return paths;
}

function pathIn(files: Promise<ReadonlyMap<string, string>>, name: string): Promise<string> {
  const path = files.then((found) => pathOf(found.get(name), name));
  path.catch(() => {});
  return path;
}

/** @throws Error where there is no path, which only a wrong recipe brings about */
export function pathOf(path: string | undefined, name: string): string {
  if (path === undefined) throw new Error(`${name} was not downloaded`);
  return path;
}

/** Names in parts of about the same number of bytes. */
export function downloadParts(wanted: readonly Download[]): string[][] {
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  const parts: string[][] = [];
  let bytes = 0;
  for (const { name, size } of wanted.toSorted((a, b) => b.size - a.size)) {
    const number = Math.min(Math.floor((bytes * PARTS) / Math.max(total, 1)), PARTS - 1);
    bytes += size;
    const part = parts[number];
    if (part) part.push(name);
    else parts[number] = [name];
  }
  // A large package may be as much as two parts.
  return parts.filter((part) => part !== undefined);
}
