import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { constants, gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { removeFile, writeStream, writeWhole } from "../../scripts/system/files/files.ts";
import { type Data, type Entry, EPOCH, writeData } from "./data-member.ts";
import { type SigningKey, signWith } from "./signing-key.ts";

/**
 * Writes packages and indexes in apk's format 2: gzip members one after another, each a tar. A package is
 * signature, control (`.PKGINFO`) and data; an index is signature and `APKINDEX`. All but the last tar of a
 * file lack the end-of-archive blocks, so that the members together read as one tar.
 * Source: https://wiki.alpinelinux.org/wiki/Apk_spec
 */

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
  /** When it was built, in seconds since 1970; not said where it is left out. */
  readonly built?: number;
}

const TAR_END = 1024;

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
  const data = await writeData(dataPath, entries, new Date((info.built ?? 0) * 1000));
  const complete = {
    ...info,
    provides: [...info.provides, ...data.programs.map((name) => `cmd:${name}=${info.version}`)],
  };
  const control = await member([{ name: ".PKGINFO", content: pkginfo(complete, data) }]);
  const signature = await signatureOf(control, key);
  await writeStream(Readable.from(inOrder(Buffer.concat([signature, control]), dataPath)), path);
  await removeFile(dataPath);
  const { size } = await stat(path);
  return indexEntry(complete, { checksum: checksumOf(control), size, installedSize: data.size });
}

/** Bytes, and then those of a file. */
async function* inOrder(first: Buffer, path: string): AsyncGenerator<Buffer> {
  yield first;
  yield* createReadStream(path);
}

/**
 * Writes `APKINDEX.tar.gz` for the entries that {@link writePackage} gave.
 * @param made stands in the index, and is signed: who has seen a later one takes this for an attempt to go back
 */
export async function writeIndex(
  path: string,
  description: string,
  entries: readonly string[],
  key: SigningKey,
  made = new Date(),
): Promise<void> {
  const index = await member(
    [
      { name: "DESCRIPTION", content: description, mtime: made },
      { name: "APKINDEX", mtime: made, content: entries.map((entry) => `${entry}\n`).join("") },
    ],
    { last: true },
  );
  await writeWhole(path, Buffer.concat([await signatureOf(index, key), index]));
}

/** A file of a small member. */
interface SmallFile {
  readonly name: string;
  readonly content: string | Buffer;
  readonly mtime?: Date;
}

/** A gzip member with a small tar of plain files; only the last member of a file has a tar's end. */
async function member(
  files: readonly SmallFile[],
  { last = false, level = constants.Z_DEFAULT_COMPRESSION } = {},
): Promise<Buffer> {
  const tar = pack();
  for (const { name, content, mtime = EPOCH } of files) {
    tar.entry({ name, mode: 0o644, mtime, uname: "root", gname: "root" }, content);
  }
  tar.finalize();
  const bytes = Buffer.concat(await Readable.from(tar).toArray());
  return gzipSync(last ? bytes : bytes.subarray(0, -TAR_END), { level });
}

/**
 * Not compressed: so it has the same length whatever the key. A package's size stands in the database of what
 * is installed, and two sandboxes, each with its own key, are to make the same images.
 */
function signatureOf(signed: Buffer, key: SigningKey): Promise<Buffer> {
  const file = { name: `.SIGN.RSA.${key.name}`, content: signWith(key, signed) };
  return member([file], { level: constants.Z_NO_COMPRESSION });
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
    ["builddate", info.built ?? 0],
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
    ["t", info.built ?? 0],
    ...(info.depends.length > 0 ? [["D", info.depends.join(" ")] as [string, string]] : []),
    ...(info.provides.length > 0 ? [["p", info.provides.join(" ")] as [string, string]] : []),
  ];
  return fields.map(([name, value]) => `${name}:${value}\n`).join("");
}
