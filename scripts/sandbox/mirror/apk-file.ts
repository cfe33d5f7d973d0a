import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { type Header, type Pack, pack } from "tar-stream";
import { type SigningKey, signWith } from "./signing-key.ts";

/**
 * Writes packages and indexes in apk's format 2: gzip members one after another, each a tar. A package is
 * signature, control (`.PKGINFO`) and data; an index is signature and `APKINDEX`. All but the last tar of a
 * file lack the end-of-archive blocks, so that the members together read as one tar.
 * Source: https://wiki.alpinelinux.org/wiki/Apk_spec
 */

/** One thing in a package's data. Paths are relative to the root: `usr/bin/node`. */
export type Entry =
  | { readonly type: "directory"; readonly path: string; readonly mode: number }
  | { readonly type: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: "link"; readonly path: string; readonly target: string };

/** What a package says of itself. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** As apk names it: `x86_64`. */
  readonly architecture: string;
  readonly license: string;
  readonly depends: readonly string[];
  /** Beyond the `cmd:` of the programs in it, which are found in the data. */
  readonly provides: readonly string[];
}

/** Everything is made the same each time: no clock gets into a package. */
const EPOCH = new Date(0);
/** The fastest of gzip's levels: packages only travel over loopback. */
const GZIP_LEVEL = 1;
const TAR_END = 1024;
/** Bytes that gzip hands on at a time: its default of 16 KiB spends more time on handing on than on work. */
const CHUNK = 1024 * 1024;

const PROGRAM = /^(?:usr\/)?s?bin\/([^/]+)$/;

/**
 * Writes a package.
 * @returns the package's entry for the index
 */
export async function writePackage(
  path: string,
  info: PackageInfo,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  key: SigningKey,
): Promise<string> {
  const dataPath = `${path}.data`;
  const data = await writeData(dataPath, entries);
  const complete = {
    ...info,
    provides: [...info.provides, ...data.programs.map((name) => `cmd:${name}=${info.version}`)],
  };
  const control = await member([file(".PKGINFO", pkginfo(complete, data))]);
  const signature = await signatureOf(control, key);
  await writeFile(path, Buffer.concat([signature, control]));
  await pipeline(createReadStream(dataPath), createWriteStream(path, { flags: "a" }));
  await rm(dataPath);
  const { size } = await stat(path);
  return indexEntry(complete, { checksum: checksumOf(control), size, installedSize: data.size });
}

/** Writes `APKINDEX.tar.gz` for the entries that {@link writePackage} gave. */
export async function writeIndex(
  path: string,
  description: string,
  entries: readonly string[],
  key: SigningKey,
): Promise<void> {
  const index = await member(
    [file("DESCRIPTION", description), file("APKINDEX", entries.map((entry) => `${entry}\n`).join(""))],
    "last",
  );
  await writeFile(path, Buffer.concat([await signatureOf(index, key), index]));
}

interface Data {
  /** SHA-256 of the gzip member, as hexadecimal digits. */
  readonly hash: string;
  /** Bytes of all files; at least 1 where there are only links, since apk takes 0 for an empty package. */
  readonly size: number;
  /** The names of the programs in it. */
  readonly programs: readonly string[];
}

/** Streams the entries into a gzipped tar, one file in memory at a time. */
async function writeData(path: string, entries: AsyncIterable<Entry> | Iterable<Entry>): Promise<Data> {
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
    createWriteStream(path),
  );
  const programs = new Set<string>();
  let size = 0;
  let any = false;
  const filled = (async () => {
    for await (const entry of entries) {
      await add(tar, entry);
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

/** The same bytes in few large pieces: a tar comes as many tiny ones, and each would cost gzip a thread switch. */
function batching(): Transform {
  let batch: Buffer[] = [];
  let size = 0;
  const take = (): Buffer => {
    const whole = Buffer.concat(batch);
    batch = [];
    size = 0;
    return whole;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
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

/** Adds an entry, owned by root, with the checksum apk keeps for it: of a file's content or a link's target. */
function add(tar: Pack, entry: Entry): Promise<void> {
  const content = entry.type === "file" ? Buffer.from(entry.content) : Buffer.alloc(0);
  const common = { uid: 0, gid: 0, uname: "root", gname: "root", mtime: EPOCH };
  const checksum = (bytes: string | Uint8Array) => ({
    "APK-TOOLS.checksum.SHA1": createHash("sha1").update(bytes).digest("hex"),
  });
  const header: Partial<Header> & Pick<Header, "name"> =
    entry.type === "directory"
      ? { ...common, name: `${entry.path}/`, type: "directory", mode: entry.mode }
      : entry.type === "link"
        ? {
            ...common,
            name: entry.path,
            type: "symlink",
            mode: 0o777,
            linkname: entry.target,
            pax: checksum(entry.target),
          }
        : {
            ...common,
            name: entry.path,
            type: "file",
            mode: entry.mode,
            size: content.length,
            pax: checksum(content),
          };
  return new Promise((resolve, reject) => {
    tar.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

const file = (path: string, text: string): Entry & { type: "file" } => ({
  type: "file",
  path,
  mode: 0o644,
  content: Buffer.from(text),
});

/** A gzip member with a small tar of plain files; only the last member of a file has a tar's end. */
async function member(files: readonly (Entry & { type: "file" })[], position?: "last"): Promise<Buffer> {
  const tar = pack();
  for (const { path, mode, content } of files) {
    tar.entry({ name: path, mode, mtime: EPOCH, uname: "root", gname: "root" }, Buffer.from(content));
  }
  tar.finalize();
  const bytes = Buffer.concat(await Readable.from(tar).toArray());
  return gzipSync(position === "last" ? bytes : bytes.subarray(0, -TAR_END));
}

function signatureOf(signed: Buffer, key: SigningKey): Promise<Buffer> {
  return member([{ ...file(`.SIGN.RSA.${key.name}`, ""), content: signWith(key, signed) }]);
}

/** A package's identity in an index: `Q1` and the SHA-1 of its control member in base64. */
function checksumOf(control: Buffer): string {
  return `Q1${createHash("sha1").update(control).digest("base64")}`;
}

function pkginfo(info: PackageInfo, data: Data): string {
  const fields: [string, string | number][] = [
    ["pkgname", info.name],
    ["pkgver", info.version],
    ["pkgdesc", info.description],
    ["url", "https://www.debian.org/"],
    ["builddate", 0],
    ["packager", "Birdhouse sandbox"],
    ["size", data.size],
    ["arch", info.architecture],
    ["origin", info.name],
    ["license", info.license],
    ...info.depends.map((name): [string, string] => ["depend", name]),
    ...info.provides.map((name): [string, string] => ["provides", name]),
    ["datahash", data.hash],
  ];
  return fields.map(([name, value]) => `${name} = ${value}\n`).join("");
}

function indexEntry(
  info: PackageInfo,
  sizes: { checksum: string; size: number; installedSize: number },
): string {
  const fields: [string, string | number][] = [
    ["C", sizes.checksum],
    ["P", info.name],
    ["V", info.version],
    ["A", info.architecture],
    ["S", sizes.size],
    ["I", sizes.installedSize],
    ["T", info.description],
    ["U", "https://www.debian.org/"],
    ["L", info.license],
    ["o", info.name],
    ["t", 0],
    ...(info.depends.length > 0 ? [["D", info.depends.join(" ")] as [string, string]] : []),
    ...(info.provides.length > 0 ? [["p", info.provides.join(" ")] as [string, string]] : []),
  ];
  return fields.map(([name, value]) => `${name}:${value}\n`).join("");
}
