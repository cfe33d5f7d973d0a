import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pLimit from "p-limit";
import { FileEnd } from "./end.ts";
import { FileError, inWords, inWordsNow, toFileError } from "./errors.ts";
import { refuseLinks } from "./links.ts";

/**
 * The one door to writing files. All that is written, moved or removed goes through these verbs, so that it is
 * whole or not there, no symbolic link leads it elsewhere, few files are open at once, and an error says in words
 * what is wrong with which path: each throws a `FileError`. Reading needs no door.
 */

/**
 * Files that this door has open at once. Two descriptors each make 128, half of what the smallest usual limit
 * (`ulimit -n 256`, macOS's) allows: the rest is for connections and programs.
 */
const limit = pLimit(64);

/** How a file is written. */
export interface WriteOptions {
  /** Permissions, such as 0o600; else those of the file that is replaced, or what the umask leaves of 0o666. */
  readonly mode?: number;
  /** A folder of ours that the path lies in: nothing from there to the file may be a symbolic link. */
  readonly below?: string;
  /** For a file that the user named: where it is a symbolic link, what it points at is replaced. */
  readonly follow?: boolean;
  /** It outlives the loss of power: the file and its folder's entry are on the disk when it ends. */
  readonly durable?: boolean;
}

type Content = string | Uint8Array;

/**
 * Writes a file beside its place and renames it: whoever reads it, and whatever ends this process, there is the old
 * file or the new one, and never a part. Folders that are missing are made.
 */
export function writeWhole(path: string, content: Content, options: WriteOptions = {}): Promise<void> {
  return limit(() => inWords("write", path, () => replace(path, content, options)));
}

/** Writes a file that is not there yet. @throws FileError with the code EEXIST where one is, link or not */
export function writeNew(path: string, content: Content, mode: number): Promise<void> {
  return limit(() => inWords("write", path, () => fs.writeFile(path, content, { flag: "wx", mode })));
}

/** Appends a text at once, with all that the caller does next behind it: for a log whose writer may be killed. */
export function append(path: string, text: string): void {
  inWordsNow("write", path, () => appendFileSync(path, text));
}

/** Makes a folder, and those above it, where they are missing. */
export function makeFolder(path: string): Promise<void> {
  return inWords("make the folder", path, () => ensureFolder(path));
}

/** As `makeFolder`, for those who cannot wait. */
export function makeFolderNow(path: string): void {
  inWordsNow("make the folder", path, () => void mkdirSync(path, { recursive: true }));
}

/** Makes a new folder with a name of its own, for work that leaves nothing behind: it is the caller's to remove. */
export async function makeScratch(folder: string, prefix: string): Promise<string> {
  await makeFolder(folder);
  return inWords("make a folder in", folder, () => fs.mkdtemp(join(folder, prefix)));
}

/** Removes a file or a link, if it is there. Of a link it removes the link only. */
export function removeFile(path: string, { below }: Pick<WriteOptions, "below"> = {}): Promise<void> {
  return inWords("remove", path, async () => {
    if (below !== undefined) await refuseLinks(path, below);
    await fs.rm(path, { force: true });
  });
}

/** Removes a folder with all that is in it, or a file, if it is there. Links in it are not followed. */
export function removeTree(path: string): Promise<void> {
  return inWords("remove", path, () => fs.rm(path, { recursive: true, force: true }));
}

/** Removes a folder where nothing is in it. @returns whether it is gone */
export function removeEmptyFolder(path: string): Promise<boolean> {
  return inWords("remove", path, async () => {
    try {
      await fs.rmdir(path);
      return true;
    } catch (error) {
      if (isCode(error, "ENOTEMPTY", "EEXIST", "ENOENT")) return false;
      throw error;
    }
  });
}

/** Gives a file or folder another name on the same disk, in place of a file that had it. */
export function moveInto(from: string, to: string): Promise<void> {
  return inWords("write", to, () => fs.rename(from, to));
}

/** Copies a file: beside its place first, and then renamed. */
export function copyWhole(from: string, to: string): Promise<void> {
  return limit(() => inWords("write", to, () => beside(to, (temporary) => fs.copyFile(from, temporary))));
}

/** Copies a folder with all that is in it. Links in it stay as they are: one that leads within it leads within the copy. */
export function copyTree(from: string, to: string): Promise<void> {
  const options = { recursive: true, verbatimSymlinks: true };
  return inWords("copy", `${from} to ${to}`, () => fs.cp(from, to, options));
}

/** Gives a file a second name, or copies it where the disk allows no such thing. What had the name is replaced. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await fs.link(from, to);
  } catch {
    await copyWhole(from, to);
  }
}

/** Makes a symbolic link. @param aim what it points at, seen from the link's folder */
export function makeLink(aim: string, path: string): Promise<void> {
  return inWords("make the link", path, () => fs.symlink(aim, path));
}

/** Sets permissions, such as 0o755, whatever the umask is. */
export function setMode(path: string, mode: number): Promise<void> {
  return inWords("change the permissions of", path, () => fs.chmod(path, mode));
}

/**
 * Opens a named pipe to write, and waits for no reader.
 * @param alsoToRead then there need be no reader
 * @returns a handle, which is the caller's to close; undefined where nobody reads, or there is no pipe
 * @throws FileError where something else is there, also a link: a copy of a folder may have made a file of it
 */
export async function openPipe(path: string, alsoToRead = false): Promise<fs.FileHandle | undefined> {
  const { O_RDWR, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  try {
    const handle = await fs.open(path, (alsoToRead ? O_RDWR : O_WRONLY) | O_NONBLOCK | O_NOFOLLOW);
    if ((await handle.stat()).isFIFO()) return handle;
    await handle.close();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENXIO" || error.code === "ENOENT"))
      return undefined;
    throw toFileError(error, "open", path);
  }
  throw new FileError(`${path} is no named pipe`, "move it elsewhere, or remove it", path, undefined);
}

/**
 * A file as the end of a pipeline, in its final place: for files that have no name yet, such as those in a scratch
 * folder. With `flush` it ends only once all of it is on the disk.
 */
export function writableAt(path: string, { flush = false } = {}): Writable {
  return new FileEnd(path, flush);
}

/** Writes what a stream carries: beside its place first, and then renamed. */
export function writeStream(source: Readable, path: string): Promise<void> {
  return beside(path, (temporary) => pipeline(source, new FileEnd(temporary, false)));
}

async function replace(
  path: string,
  content: Content,
  { mode, below, follow = false, durable = false }: WriteOptions,
): Promise<void> {
  if (!follow) await refuseLinks(path, below);
  await ensureFolder(dirname(path));
  // Loaded where something is written: most nights write nothing.
  const { default: writeFileAtomic } = await import("write-file-atomic");
  try {
    await writeFileAtomic(path, "", {
      fsync: durable,
      ...(mode !== undefined && { mode }),
      // It writes once, and takes a disk's word that a part was all: what is written here is written to its end.
      tmpfileCreated: (temporary) => fs.writeFile(temporary, content),
    });
  } catch (error) {
    // A file of the user's may be a mount of its own, as containers have them: no other can take its place.
    if (!follow || !isCode(error, "EBUSY")) throw error;
    await fs.writeFile(path, content);
  }
  if (durable) await syncFolder(dirname(path));
}

async function ensureFolder(path: string): Promise<void> {
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (error) {
    // So it says of a file in the place of the last folder, and ENOTDIR of one above.
    if (isCode(error, "EEXIST")) error.code = "ENOTDIR";
    throw error;
  }
}

function isCode(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** After a rename the file is on the disk; this has its name there too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await fs.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a file under a name of its own, and renames it. */
async function beside(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await make(temporary);
    await inWords("write", path, () => fs.rename(temporary, path));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
