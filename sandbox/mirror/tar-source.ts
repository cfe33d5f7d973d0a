import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { stream } from "../../scripts/system/process/process.ts";
import { joined } from "./data-member.ts";

/** One thing found in a tar, with its content. Its path is as the tar writes it. */
export interface TarItem {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  /** Of a symbolic link, or of a hard link to an earlier file. */
  readonly target: string;
  /** Reads the content, which only works until the next item is asked for. */
  content(): Promise<Buffer>;
}

/** The files of a Debian package, as dpkg-deb unpacks them. */
export async function* debianFiles(path: string, signal?: AbortSignal): AsyncGenerator<TarItem> {
  const { stdout, ended } = await stream(["dpkg-deb", "--fsys-tarfile", path], signal ? { signal } : {});
  yield* itemsOf([stdout], ended);
}

/**
 * When a Debian package was built, in seconds since 1970: the time of its first member. Source: deb(5), ar(5);
 * dpkg-deb takes SOURCE_DATE_EPOCH, which is the day of its changelog.
 */
export async function packedAt(path: string): Promise<number> {
  // Behind the mark of an archive and the name of its first member.
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: 24, end: 35 })) chunks.push(chunk as Buffer);
  return Number.parseInt(Buffer.concat(chunks).toString("latin1"), 10) || 0;
}

/** The files of a package of the npm registry: a gzipped tar. */
export async function* npmFiles(path: string): AsyncGenerator<TarItem> {
  yield* itemsOf([createReadStream(path), createGunzip()]);
}

type Streams = readonly [Readable, ...NodeJS.ReadWriteStream[]];

async function* itemsOf(streams: Streams, ended?: Promise<void>): AsyncGenerator<TarItem> {
  const tar = extract();
  const piped = pipeline([...streams, tar]);
  // Whichever fails also ends the tar; what went wrong is told by whoever is awaited first.
  const done = Promise.all([piped, ended]);
  done.catch((error: Error) => tar.destroy(error));
  for await (const entry of tar) {
    const { name, type, mode, linkname } = entry.header;
    let read = false;
    yield {
      path: name,
      type,
      mode: mode & 0o7777,
      target: linkname ?? "",
      async content() {
        read = true;
        const chunks: Buffer[] = [];
        for await (const chunk of entry) chunks.push(chunk as Buffer);
        return joined(chunks);
      },
    };
    if (!read) entry.resume();
  }
  await done;
}
