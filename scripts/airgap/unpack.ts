import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { messageOf, UserError } from "../system/errors.ts";
import { damaged } from "./verify.ts";

/** What an OCI layout is made of; anything else, such as `../x` or a link, has no place in one. */
const FILE = /^(?:\.\/)?(oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;
const DIRECTORY = /^(?:\.|(?:\.\/)?blobs(?:\/sha256)?)\/?$/;

const MIB = 1024 * 1024;

/**
 * Unpacks an archive of an OCI layout. Nothing is written but the files of a layout, in the directory.
 * @throws UserError when the archive is cut off, is none, or holds anything else
 */
export async function unpackLayout(archive: string, directory: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(directory, "blobs/sha256"), { recursive: true });
  const tar = extract();
  const source = pipeline(createReadStream(archive, { highWaterMark: MIB }), tar, { signal });
  // The error of the source ends the entries too, and is thrown there.
  source.catch(() => {});
  try {
    for await (const entry of tar) {
      const path = placeIn(entry.header, archive);
      if (path === undefined) entry.resume();
      else await pipeline(entry, createWriteStream(join(directory, path)), { signal });
    }
    await source;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw damaged(archive, `it cannot be read as a tar archive: ${messageOf(error)}`);
  }
}

/** Where an entry goes; undefined for a directory. */
function placeIn({ name, type }: Header, archive: string): string | undefined {
  const path = type === "file" ? FILE.exec(name)?.[1] : undefined;
  if (path !== undefined) return path;
  if (type === "directory" && DIRECTORY.test(name)) return undefined;
  throw new UserError(
    `${archive} holds ${JSON.stringify(name)} (${type}), which has no place in an OCI image layout: nothing was sent`,
    "import takes what the command export wrote",
  );
}
