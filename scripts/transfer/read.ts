import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { OciLayout } from "../formats/oci/layout.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { toFileError } from "../system/files/errors.ts";
import { makeFolder, makeScratch, removeTree, writableAt } from "../system/files/files.ts";
import { type ExportedImage, imagesIn, notOurs } from "./exported.ts";
import { checkClaims, damaged, verifyExport } from "./verify.ts";

/** An export that has been read, and found to be whole. */
export interface OpenExport {
  readonly layout: OciLayout;
  readonly images: readonly ExportedImage[];
}

/**
 * Opens what an export wrote, and verifies all of it.
 * @param from a directory, or an archive, which is unpacked for as long as it is used
 * @param scratch directory for that
 * @throws UserError where it is not there, not whole, or not an export
 */
export async function withExport<T>(
  from: string,
  scratch: string,
  signal: AbortSignal,
  use: (opened: OpenExport) => Promise<T>,
): Promise<T> {
  const found = await stat(from).catch((error: unknown) => {
    throw new UserError(`${from}: ${messageOf(error)}`, "name a directory or an archive that export wrote");
  });
  if (found.isDirectory()) return use(await openExport(from, from, signal));
  if (!found.isFile() && !found.isFIFO()) throw notOurs(from, "it is neither a file nor a directory");
  const directory = await makeScratch(scratch, "import-");
  try {
    await unpackLayout(from, directory, signal);
    return await use(await openExport(directory, from, signal));
  } finally {
    await removeTree(directory);
  }
}

/**
 * Opens the layout of an export, and verifies it.
 * @param from the export as it was named, for errors
 * @param elsewhere digests of layers that are not in it, as whoever gets it has them
 * @throws UserError where it is not whole, or not an export
 */
export async function openExport(
  directory: string,
  from: string,
  signal: AbortSignal,
  elsewhere: ReadonlySet<string> = new Set(),
): Promise<OpenExport> {
  const layout = await OciLayout.open(directory).catch(() => {
    throw notOurs(from, "it is not an OCI image layout, which has oci-layout and index.json");
  });
  const { manifests } = await layout.readIndex().catch((error: unknown) => {
    throw notOurs(from, messageOf(error).replaceAll(`${directory}/`, ""));
  });
  const images = imagesIn(manifests, from);
  await verifyExport(layout, images, from, signal, elsewhere);
  for (const image of images) await checkClaims(layout, image, from);
  return { layout, images };
}

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
  const refuse = (what: string) =>
    new UserError(`${archive} holds ${what}: nothing was sent`, "import reads what export wrote");
  const seen = new Set<string>();
  let entries = 0;
  return (header) => {
    if (++entries > limits.entries) throw refuse(`more than ${limits.entries} entries`);
    const { name, type, size = 0 } = header;
    if (type === "directory" && DIRECTORY.test(name)) return undefined;
    const path = type === "file" ? FILE.exec(name)?.[1] : undefined;
    if (path === undefined) {
      throw refuse(`${JSON.stringify(name)} (${type}), which does not belong in an OCI image layout`);
    }
    if (seen.has(path)) throw refuse(`${path} twice`);
    seen.add(path);
    const most = limits.bytes[path] ?? Number.MAX_SAFE_INTEGER;
    if (size > most) throw refuse(`${path} of ${size} bytes, and at most ${most} are expected`);
    return path;
  };
}
