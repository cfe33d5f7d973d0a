import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { pack } from "tar-stream";
import { readTar } from "../../scripts/formats/alpine/tar.ts";

/** The files of an archive or for one: path → content. */
export type ArchiveFiles = ReadonlyMap<string, Buffer>;

/** The regular files of a tar, their paths without `./` before them. */
export function tarFiles(tar: Buffer): ArchiveFiles {
  const files = [...readTar(tar)].filter(({ type }) => type === "file");
  return new Map(files.map(({ path, content }) => [path.replace(/^\.\//, ""), content]));
}

/** The files of an upstream's source archive, a tar, without the one folder that all of them are in. */
export function sourceFiles(tar: Buffer): ArchiveFiles {
  return new Map([...tarFiles(tar)].map(([path, content]) => [path.slice(path.indexOf("/") + 1), content]));
}

/** The files below a folder, their paths from there on, with another folder before them. */
export function moved(files: ArchiveFiles, from: string, to = ""): ArchiveFiles {
  const inside = [...files].filter(([path]) => path.startsWith(from));
  if (inside.length === 0) throw new Error(`the archive has no files below ${from}`);
  return new Map(inside.map(([path, content]) => [to + path.slice(from.length), content]));
}

/** One file of an archive. @throws Error when it is not in it */
export function fileOf(files: ArchiveFiles, path: string): Buffer {
  const found = files.get(path);
  if (!found) throw new Error(`the archive has no file ${path}`);
  return found;
}

/** Packs files as a tar. The same files make the same bytes. */
export async function tarOf(files: ArchiveFiles, mtime = new Date(0)): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of [...files].sort(byPath)) tar.entry({ name, mtime }, content);
  tar.finalize();
  return await buffer(tar);
}

/** Packs files as a gzipped tar. */
export async function tarGzOf(files: ArchiveFiles): Promise<Buffer> {
  return gzipSync(await tarOf(files));
}

/** Packs files as a zip. The same files make the same bytes. */
export function zipOf(files: ArchiveFiles): Buffer {
  // A zip's dates begin here; it knows no time zone, and so the hour has to be local to be the same everywhere.
  const mtime = new Date(1980, 0, 1);
  return Buffer.from(zipSync(Object.fromEntries([...files].sort(byPath)), { mtime }));
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** A digest in hexadecimal. */
export function hexDigest(algorithm: "md5" | "sha1" | "sha256" | "sha512", content: string | Buffer): string {
  return createHash(algorithm).update(content).digest("hex");
}
