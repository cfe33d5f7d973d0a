import { quotedStart } from "../../system/shown/clean-text.ts";

/** What an archive says of one file. Source of the format: POSIX pax(1), "ustar Interchange Format". */
export interface TarEntry {
  /** As it stands in the archive: not yet known to be harmless. */
  readonly path: string;
  readonly type: "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";
  /** Permission bits, with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** What a link points at; empty for everything else. */
  readonly linkPath: string;
  /** The content: a view of the archive, not a copy. Empty for everything but files. */
  readonly content: Buffer;
  /** The entry's PAX records, such as `APK-TOOLS.checksum.SHA1`. */
  readonly pax: ReadonlyMap<string, string>;
}

const TYPES: Readonly<Record<string, TarEntry["type"]>> = {
  "0": "file",
  "\0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

const BLOCK = 512;

/** The longest path that is read, in bytes: Linux has no longer ones. */
const LONGEST_PATH = 4096;

/**
 * The entries of an archive, in order. PAX headers and GNU's long names are applied to the entry they
 * stand before. The two blocks of zeros at the end may be missing, as they are in Alpine's files.
 *
 * Nothing in the archive is believed: every number is of digits only, and each entry ends behind its beginning.
 * The package tar-stream, which layers are read by, believes more (`0x10` and `1x` as sizes, PAX sizes such as `1e3`,
 * names of any length), and gives entries only as streams, where the apk program needs them at once.
 *
 * @throws Error when the archive is cut off, or holds an entry of an unknown type, a damaged number, a wrong
 *   header checksum or a path of more than 4096 bytes
 */
export function* readTar(archive: Buffer): Generator<TarEntry> {
  let pending = new Map<string, string>();
  for (let offset = 0; offset + BLOCK <= archive.length; ) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header[0] === 0) return;
    checkHeader(header, offset);
    const type = String.fromCharCode(header[156] ?? 0);
    const isMeta = META.has(type);
    const size = (isMeta ? undefined : paxSize(pending)) ?? number(header, FIELD.size);
    const start = offset + BLOCK;
    if (start + size > archive.length) throw new Error("the archive is cut off");
    const content = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;

    if (type === "x") addPaxRecords(content, pending);
    else if (type === "L") pending.set("path", text(content, 0, content.length));
    else if (type === "K") pending.set("linkpath", text(content, 0, content.length));
    else if (!isMeta) {
      yield entryOf(header, type, content, pending);
      pending = new Map();
    }
  }
}

/** Entries that are about others: PAX headers for the next one and for all, GNU's long names and link targets. */
const META = new Set(["x", "g", "L", "K"]);

/** Where a header has its numbers: offset and length. */
const FIELD = {
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
} as const;

type Field = (typeof FIELD)[keyof typeof FIELD];

function entryOf(header: Buffer, flag: string, content: Buffer, pax: ReadonlyMap<string, string>): TarEntry {
  const type = TYPES[flag];
  if (type === undefined)
    throw new Error(`the archive holds an entry of the unknown type ${JSON.stringify(flag)}`);
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  const path = pax.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`);
  const linkPath = pax.get("linkpath") ?? text(header, 157, 100);
  for (const one of [path, linkPath]) {
    if (one.length > LONGEST_PATH)
      throw new Error(`the archive holds a path too long for any disk: ${quotedStart(one)}`);
  }
  return {
    path,
    linkPath,
    type,
    content,
    pax,
    mode: number(header, FIELD.mode) & 0o7777,
    uid: number(header, FIELD.uid),
    gid: number(header, FIELD.gid),
    mtime: number(header, FIELD.mtime, -Infinity),
  };
}

/** The header's checksum is the sum of its bytes, with the checksum's own eight counted as spaces. */
function checkHeader(header: Buffer, offset: number): void {
  const isCounted = (position: number) => position < 148 || position >= 156;
  const sum = header.reduce((total, byte, position) => total + (isCounted(position) ? byte : 32), 0);
  if (sum !== number(header, FIELD.checksum))
    throw new Error(`no tar header where one should be, at byte ${offset}`);
}

/** Records of the form `LENGTH KEY=VALUE\n`, where the length counts the whole record. */
function addPaxRecords(content: Buffer, records: Map<string, string>): void {
  for (let offset = 0; offset < content.length; ) {
    const space = content.indexOf(32, offset);
    const digits = space < 0 || space > offset + 9 ? "" : content.toString("latin1", offset, space);
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    const record = content.toString("utf8", space + 1, offset + length - 1);
    const equals = record.indexOf("=");
    if (equals < 1 || offset + length > content.length) throw new Error("a damaged PAX header");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
}

/** The size that a PAX header gives the entry behind it, for what is too large for the entry's own field. */
function paxSize(pax: ReadonlyMap<string, string>): number | undefined {
  const size = pax.get("size");
  if (size === undefined) return undefined;
  if (!/^\d{1,15}$/.test(size)) throw new Error("a damaged number in a PAX header");
  return Number(size);
}

function text(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString("utf8", start, end < 0 ? start + length : start + end);
}

/**
 * A number: octal digits, or, where the first bit is set, GNU's form for larger ones and for those below zero, the
 * bytes themselves as two's complement. An empty field is 0.
 * @param lowest below which it cannot be: what counts something is not below zero
 */
function number(header: Buffer, [start, length]: Field, lowest = 0): number {
  const field = header.subarray(start, start + length);
  if (field[0] === 0x80 || field[0] === 0xff) {
    const sign = field[0] === 0xff ? -1 : 0;
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, sign);
    if (!Number.isSafeInteger(value)) throw new Error("a number too large for any file in a tar header");
    if (value < lowest) throw new Error("a number below zero in a tar header");
    return value;
  }
  const digits = /^ *([0-7]*)(?:[\0 ]|$)/.exec(field.toString("latin1"))?.[1];
  if (digits === undefined) throw new Error("a damaged number in a tar header");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}
