import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Header, type Pack, pack } from "tar-stream";
import { writableAt } from "../../scripts/system/files/files.ts";

/** One thing in a package's data. Paths are relative to the root: `usr/bin/node`. */
export type Entry =
  | { readonly type: "directory"; readonly path: string; readonly mode: number }
  | { readonly type: "file"; readonly path: string; readonly mode: number; readonly content: Buffer }
  | { readonly type: "link"; readonly path: string; readonly target: string };

/** Everything is made the same each time: no clock gets into a package. */
export const EPOCH = new Date(0);
/** The fastest of gzip's levels: packages only travel over loopback. */
const GZIP_LEVEL = 1;
/** Bytes that gzip hands on at a time: its default of 16 KiB spends more time on handing on than on work. */
const CHUNK = 1024 * 1024;

const PROGRAM = /^(?:usr\/)?s?bin\/([^/]+)$/;

/** The data of a package, once it is written. */
export interface Data {
  /** SHA-256 of the gzip member, as hexadecimal digits. */
  readonly hash: string;
  /** Bytes of all files; at least 1 where there are only links, since apk takes 0 for an empty package. */
  readonly size: number;
  /** The names of the programs in it. */
  readonly programs: readonly string[];
}

/**
 * Streams the entries into a gzipped tar, one file in memory at a time.
 * @param mtime of all of them
 */
export async function writeData(
  path: string,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  mtime = EPOCH,
): Promise<Data> {
  const tar = pack();
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const written = pipeline(
    tar,
    batching(),
    createGzip({ level: GZIP_LEVEL, chunkSize: CHUNK }),
    hashing,
    writableAt(path),
  );
  const programs = new Set<string>();
  let size = 0;
  let any = false;
  const filled = (async () => {
    for await (const entry of entries) {
      await add(tar, entry, mtime);
      any = true;
      if (entry.type === "file") size += entry.content.length;
      const program = entry.type === "directory" ? undefined : PROGRAM.exec(entry.path)?.[1];
      if (program !== undefined) programs.add(program);
    }
    tar.finalize();
  })().catch((error: Error) => {
    tar.destroy(error);
    throw error;
  });
  await Promise.all([filled, written]);
  return { hash: hash.digest("hex"), size: any ? Math.max(size, 1) : 0, programs: [...programs].sort() };
}

/** Bytes in one piece; what is one already is not copied: with a copy of each file, garbage is collected all the time. */
export function joined(pieces: readonly Buffer[]): Buffer {
  const [first, second] = pieces;
  return first && !second ? first : Buffer.concat(pieces);
}

/** The same bytes in few large pieces: a tar comes as many tiny ones, and each would cost gzip a thread switch. */
function batching(): Transform {
  let batch: Buffer[] = [];
  let size = 0;
  const take = (): Buffer => {
    const whole = joined(batch);
    batch = [];
    size = 0;
    return whole;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // What is large by itself is not copied.
      if (chunk.length >= CHUNK && size > 0) this.push(take());
      batch.push(chunk);
      size += chunk.length;
      if (size < CHUNK) done();
      else done(null, take());
    },
    flush(done) {
      done(null, take());
    },
  });
}

function add(tar: Pack, entry: Entry, mtime: Date): Promise<void> {
  const content = entry.type === "file" ? entry.content : Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    tar.entry({ ...headerOf(entry), mtime }, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Everything belongs to root; apk keeps a checksum of each file's content and each link's target. */
function headerOf(entry: Entry): Partial<Header> & Pick<Header, "name"> {
  const common = { uid: 0, gid: 0, uname: "root", gname: "root" };
  switch (entry.type) {
    case "directory":
      return { ...common, name: `${entry.path}/`, type: "directory", mode: entry.mode };
    case "link": {
      const { path, target } = entry;
      return { ...common, name: path, type: "symlink", mode: 0o777, linkname: target, pax: checksum(target) };
    }
    case "file": {
      const { path, mode, content } = entry;
      return { ...common, name: path, type: "file", mode, size: content.length, pax: checksum(content) };
    }
  }
}

function checksum(bytes: string | Uint8Array): Record<string, string> {
  return { "APK-TOOLS.checksum.SHA1": createHash("sha1").update(bytes).digest("hex") };
}
