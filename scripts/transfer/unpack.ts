import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { messageOf, UserError } from "../system/errors.ts";
import { toFileError } from "../system/files/errors.ts";
import { makeFolder, writableAt } from "../system/files/files.ts";
import { damaged } from "./verify.ts";

/** What an OCI layout is made of; anything else, such as `../x` or a link, has no place in one. */
const FILE = /^(?:\.\/)?(oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;
const DIRECTORY = /^(?:\.|(?:\.\/)?blobs(?:\/sha256)?)\/?$/;

const MIB = 1024 * 1024;

/** What an archive may hold at most. A tar archive is not compressed: all of it together is no larger than it is. */
export interface UnpackLimits {
  /** Entries; an export of 20,000 images has some 300,000. */
  readonly entries: number;
  /** Bytes of what is read into memory at once, by name; others are read in pieces. */
  readonly bytes: Readonly<Record<string, number>>;
}

const LIMITS: UnpackLimits = {
  entries: 1_000_000,
  bytes: { "oci-layout": 64 * 1024, "index.json": 256 * MIB },
};

/**
 * Unpacks an archive of an OCI layout. Nothing is written but the files of a layout, each once, in the directory.
 * @throws UserError when the archive is cut off, is none, cannot be read, holds anything else or more than it may
 * @throws FileError when the disk does not take it
 */
export async function unpackLayout(
  archive: string,
  directory: string,
  signal: AbortSignal,
  limits = LIMITS,
): Promise<void> {
  await makeFolder(join(directory, "blobs/sha256"));
  const tar = extract();
  const source = pipeline(createReadStream(archive, { highWaterMark: MIB }), tar, { signal });
  // The error of the source ends the entries too, and is thrown there.
  source.catch(() => {});
  const admit = doorkeeper(archive, limits);
  try {
    for await (const entry of tar) {
      const path = admit(entry.header);
      if (path === undefined) entry.resume();
      else await pipeline(entry, writableAt(join(directory, path)), { signal });
    }
    await source;
  } catch (error) {
    signal.throwIfAborted();
    const told = toFileError(error, "read", archive);
    if (told instanceof UserError) throw told;
    throw damaged(archive, `it cannot be read as a tar archive: ${messageOf(error)}`);
  }
}

/** Says of each entry where it goes, by its name and size alone; undefined for a directory. */
function doorkeeper(archive: string, limits: UnpackLimits): (header: Header) => string | undefined {
  const seen = new Set<string>();
  let entries = 0;
  return (header) => {
    if (++entries > limits.entries) throw refused(archive, `more than ${limits.entries} entries`);
    const path = placeIn(header, archive);
    if (path === undefined) return undefined;
    if (seen.has(path)) throw refused(archive, `${path} twice`);
    seen.add(path);
    const most = limits.bytes[path] ?? Number.MAX_SAFE_INTEGER;
    const { size = 0 } = header;
    if (size > most) throw refused(archive, `${path} of ${size} bytes, and at most ${most} are expected`);
    return path;
  };
}

/** Where an entry goes; undefined for a directory. */
function placeIn({ name, type }: Header, archive: string): string | undefined {
  const path = type === "file" ? FILE.exec(name)?.[1] : undefined;
  if (path !== undefined) return path;
  if (type === "directory" && DIRECTORY.test(name)) return undefined;
  throw refused(archive, `${JSON.stringify(name)} (${type}), which has no place in an OCI image layout`);
}

function refused(archive: string, what: string): UserError {
  return new UserError(
    `${archive} holds ${what}: nothing was sent`,
    "import takes what the command export wrote",
  );
}
