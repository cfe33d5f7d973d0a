import { createReadStream } from "node:fs";
import { lstat, readdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { hexOf } from "../formats/oci/digest.ts";
import { indexJson, LAYOUT_JSON } from "../formats/oci/layout.ts";
import type { Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { UserError } from "../system/errors.ts";
import {
  makeFolder,
  moveInto,
  removeFile,
  removeTree,
  writableAt,
  writeWhole,
} from "../system/files/files.ts";
import type { FileBody } from "../system/http/message.ts";
import { formatBytes } from "../system/shown/format.ts";
import type { ExportContent, KeptBlob } from "./collect.ts";
import { type ExportedImage, rootsOf } from "./exported.ts";

/** Of a file: bytes, or one on disk. */
type Content = Uint8Array | FileBody;

/** Blobs on their way at once, or waiting to be written. */
const AHEAD = 4;

/**
 * Writes images and all that goes with them as one OCI image layout. The same ones make the same files, and the same
 * bytes of an archive.
 * @param to a directory, or an archive where it ends in `.tar`
 * @throws RegistryError, UserError; then there is nothing at `to` that was not there before
 */
export async function writeExport(
  to: string,
  images: readonly ExportedImage[],
  contents: ExportContent,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const sink = await openSink(to, contents.bytes);
  try {
    await sink.add("oci-layout", Buffer.from(LAYOUT_JSON));
    await sink.add("index.json", Buffer.from(indexJson(rootsOf(images))));
    await writeBlobs(sink, contents, registry, signal);
    signal.throwIfAborted();
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** In the order of their digests, a few of them read ahead. */
async function writeBlobs(
  sink: Sink,
  { documents, blobs }: ExportContent,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const content = async (part: Uint8Array | KeptBlob): Promise<Content> => {
    if (part instanceof Uint8Array) return part;
    const { repository, digest, size } = part;
    const file = { path: join(sink.work, hexOf(digest)), digest, size };
    if (await registry.downloadBlob(repository, file, { signal: either })) return file;
    const detail = "it is missing, though an image needs it";
    throw new RegistryError({
      registry: registry.host,
      repository,
      action: `read the blob ${digest}`,
      detail,
    });
  };
  const parts = new Map<string, Uint8Array | KeptBlob>([...blobs, ...documents]);
  const sorted = [...parts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const reading: Promise<Content>[] = [];
  try {
    for (const [at, [digest]] of sorted.entries()) {
      for (const [, part] of sorted.slice(at + reading.length, at + AHEAD)) {
        const promise = content(part);
        // It is waited for in its turn; until then nobody listens.
        promise.catch(() => {});
        reading.push(promise);
      }
      const read = await reading[0];
      reading.shift();
      if (read) await sink.add(`blobs/sha256/${hexOf(digest)}`, read);
    }
  } catch (error) {
    // Nothing may be written any more once this has thrown.
    failed.abort(error);
    await Promise.allSettled(reading);
    throw error;
  }
}

/** Where an export is written: a directory or a tar archive, which has its name only once it is whole. */
export interface Sink {
  /** A directory for what is on its way in. It goes with the rest. */
  readonly work: string;
  /** Adds a file. One that was on disk is moved, or removed once it is in. @param path below the layout's root */
  add(path: string, content: Content): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Removes what there is of it. */
  abandon(): Promise<void>;
}

/**
 * Opens what an export is written to: an archive where its name ends in `.tar`, otherwise a directory. Until it is
 * whole it is beside that, as `NAME.partial`; what a killed run left there is removed.
 * @param bytes that it will take
 * @throws UserError where a directory of that name holds something, or the disk has no room for it
 */
export async function openSink(to: string, bytes: number): Promise<Sink> {
  const partial = `${to.replace(/(?<!\/)\/+$/, "")}.partial`;
  const isArchive = to.endsWith(".tar");
  await checkFree(to, isArchive);
  await checkPartial(to, partial);
  await removeTree(partial);
  const work = join(partial, "work");
  await makeFolder(work);
  await checkRoom(to, partial, bytes);
  const abandon = () => removeTree(partial);
  return isArchive ? archiveSink(to, partial, work, abandon) : directorySink(to, partial, work, abandon);
}

async function checkFree(to: string, isArchive: boolean): Promise<void> {
  const entries = await readdir(to).catch((error: NodeJS.ErrnoException) => error.code ?? "");
  const isDirectory = typeof entries !== "string";
  let what: string | undefined;
  if (isArchive) what = isDirectory ? "is a directory" : undefined;
  else if (isDirectory) what = entries.length > 0 ? "already exists and is not empty" : undefined;
  else if (entries !== "ENOENT") what = "already exists and is not a directory";
  if (what) throw new UserError(`--to ${to}: it ${what}`, "name another, or remove it first");
}

/** What is in the place of what is on its way. */
const OURS: ReadonlySet<string> = new Set(["work", "layout", "archive.tar"]);

/** What is removed there is what a killed run left, and nothing else that happens to have the name. */
async function checkPartial(to: string, partial: string): Promise<void> {
  const found = await lstat(partial).catch(() => undefined);
  if (!found) return;
  if (found.isDirectory() && (await readdir(partial)).every((name) => OURS.has(name))) return;
  throw new UserError(
    `--to ${to}: ${partial} exists, and is not an unfinished export`,
    "move it elsewhere, or name another place",
  );
}

async function checkRoom(to: string, partial: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(partial);
  const free = bavail * bsize;
  if (free >= bytes) return;
  await removeTree(partial);
  throw new UserError(
    `--to ${to}: the disk has ${formatBytes(free)} free, and ${formatBytes(bytes)} are to be written`,
    "choose another disk, or export fewer targets at a time",
  );
}

function directorySink(to: string, partial: string, work: string, abandon: Sink["abandon"]): Sink {
  const root = join(partial, "layout");
  return {
    work,
    async add(path, content) {
      const file = join(root, path);
      if (content instanceof Uint8Array) await writeWhole(file, content);
      else {
        await makeFolder(dirname(file));
        await moveInto(content.path, file);
      }
    },
    async finish() {
      await moveInto(root, to);
      await abandon();
    },
    abandon,
  };
}

/** The same content makes the same bytes: no times, no owners, and the order is the caller's. */
function archiveSink(to: string, partial: string, work: string, abandon: Sink["abandon"]): Sink {
  const archive = pack();
  const path = join(partial, "archive.tar");
  // What fails here fails what is being added, too.
  const written = pipeline(archive, writableAt(path, { flush: true }));
  written.catch(() => {});
  return {
    work,
    async add(name, content) {
      await Promise.race([addEntry(archive, name, content), written]);
      if (!(content instanceof Uint8Array)) await removeFile(content.path);
    },
    async finish() {
      archive.finalize();
      await written;
      await moveInto(path, to);
      await abandon();
    },
    async abandon() {
      archive.destroy();
      await written.catch(() => {});
      await abandon();
    },
  };
}

async function addEntry(archive: Pack, name: string, content: Content): Promise<void> {
  const header = { name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 };
  if (content instanceof Uint8Array) {
    await new Promise<void>((resolve, reject) => {
      archive.entry(header, Buffer.from(content), (error) => (error ? reject(error) : resolve()));
    });
  } else {
    await pipeline(createReadStream(content.path), archive.entry({ ...header, size: content.size }));
  }
}
