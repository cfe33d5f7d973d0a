/** What an archive says of one file. Source of the format: POSIX pax(1), "ustar Interchange Format". */
export interface TarEntry {
  /** As it stands in the archive: not yet known to be harmless. */
  readonly path: string;
  readonly type: TarType;
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

export type TarType = "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";

const TYPES: Readonly<Record<string, TarType>> = {
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

/**
 * The entries of an archive, in order. PAX headers and GNU's long names are applied to the entry they
 * stand before. The two blocks of zeros at the end may be missing, as they are in Alpine's files.
 *
 * @throws Error when the archive is cut off, or holds an entry of an unknown type or a wrong header checksum
 */
export function* readTar(archive: Buffer): Generator<TarEntry> {
  let pending = new Map<string, string>();
  for (let offset = 0; offset + BLOCK <= archive.length; ) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header[0] === 0) return;
    checkHeader(header, offset);
    const size = octal(header, 124, 12);
    const start = offset + BLOCK;
    if (start + size > archive.length) throw new Error("the archive is cut off");
    const content = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;

    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "x") pending = new Map([...pending, ...paxRecords(content)]);
    else if (type === "L") pending.set("path", text(content, 0, content.length));
    else if (type === "K") pending.set("linkpath", text(content, 0, content.length));
    else if (type !== "g") {
      yield entryOf(header, type, content, pending);
      pending = new Map();
    }
  }
}

function entryOf(header: Buffer, flag: string, content: Buffer, pax: ReadonlyMap<string, string>): TarEntry {
  const type = TYPES[flag];
  if (type === undefined)
    throw new Error(`the archive holds an entry of the unknown type ${JSON.stringify(flag)}`);
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return {
    path: pax.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`),
    type,
    mode: octal(header, 100, 8) & 0o7777,
    uid: octal(header, 108, 8),
    gid: octal(header, 116, 8),
    mtime: octal(header, 136, 12),
    linkPath: pax.get("linkpath") ?? text(header, 157, 100),
    content,
    pax,
  };
}

/** The header's checksum is the sum of its bytes, with the checksum's own eight counted as spaces. */
function checkHeader(header: Buffer, offset: number): void {
  let sum = 8 * 32;
  for (let position = 0; position < BLOCK; position++) {
    if (position < 148 || position >= 156) sum += header[position] ?? 0;
  }
  if (sum !== octal(header, 148, 8)) throw new Error(`no tar header where one should be, at byte ${offset}`);
}

/** Records of the form `LENGTH KEY=VALUE\n`, where the length counts the whole record. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < content.length; ) {
    const space = content.indexOf(32, offset);
    const length = Number(content.toString("latin1", offset, space));
    if (space < 0 || !(length > 0) || offset + length > content.length)
      throw new Error("a damaged PAX header");
    const record = content.toString("utf8", space + 1, offset + length - 1);
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}

function text(bytes: Buffer, start: number, length: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString("utf8", start, end < 0 || end > start + length ? start + length : end);
}

function octal(bytes: Buffer, start: number, length: number): number {
  const digits = bytes.toString("latin1", start, start + length).replace(/[\0 ].*$/s, "");
  const value = digits === "" ? 0 : Number.parseInt(digits, 8);
  if (Number.isNaN(value)) throw new Error("a damaged number in a tar header");
  return value;
}
