import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import type { OciLayout } from "./layout.ts";
import type { Descriptor, Manifest } from "./types.ts";
import { CHUNK, unpackingOf } from "./unpack.ts";

/** An image's files, as seen when all its layers are laid over each other. Paths have no leading `/`. */
export interface Filesystem {
  /**
   * The content of files, of those that the reader was made for. A path that is not there, or is no regular
   * file, is left out; symbolic links are not followed.
   */
  readonly contents: ReadonlyMap<string, Buffer>;
  /**
   * The bytes of every regular file. One with several names (hard links) is here once, under the name that the
   * layer has it by; directories and links, and what the disk rounds up to, do not count.
   */
  readonly sizes: ReadonlyMap<string, number>;
  /** The machine that each ELF file is for, as its header has it; the paths are those of `sizes`. */
  readonly machines: ReadonlyMap<string, number>;
  /** What is more than a plain file, in any layer: who unpacks a layer gets it, though an upper one hides it. */
  readonly special: ReadonlyMap<string, Special>;
  /** Whether any layer has something at a path. */
  has(path: string): boolean;
}

/** A device node, pipe or socket; or a file that runs with the rights of its owner or group, whoever starts it. */
export type Special = "device" | "setuid" | "setgid";

/**
 * Reads images' file systems out of their layers, without unpacking anything to disk. Every layer is read
 * once, whatever is asked of it and however many images share it: make one reader for a run.
 */
export class FilesystemReader {
  readonly #keep: ReadonlySet<string>;
  readonly #layers = new Map<string, Promise<LayerContent>>();

  /** @param paths the files whose content may be asked for, such as `lib/apk/db/installed` */
  constructor(paths: readonly string[]) {
    this.#keep = new Set(paths.map((one) => normalize(one)));
  }

  /** The files of an image. @throws Error when a layer is not there or cannot be read */
  async read(layout: OciLayout, manifest: Manifest): Promise<Filesystem> {
    const layers = await Promise.all(manifest.layers.map((layer) => this.#layer(layout, layer)));
    const merged = mergeLayers(layers);
    const contents = new Map<string, Buffer>();
    for (const path of this.#keep) {
      const content = contentOf(merged, path);
      if (content) contents.set(path, content);
    }
    const sizes = new Map<string, number>();
    const machines = new Map<string, number>();
    for (const [path, entry] of merged) {
      if (entry.type !== "file") continue;
      sizes.set(path, entry.size);
      if (entry.machine !== undefined) machines.set(path, entry.machine);
    }
    const special = new Map(layers.flatMap((layer) => [...layer.special]));
    const has = (path: string) => layers.some(({ entries }) => entries.has(path));
    return { contents, sizes, machines, special, has };
  }

  #layer(layout: OciLayout, { digest, mediaType }: Descriptor): Promise<LayerContent> {
    const known = this.#layers.get(digest);
    if (known) return known;
    const reading = readLayer(layout.blobPath(digest), mediaType, this.#keep);
    this.#layers.set(digest, reading);
    // A layer that could not be read may be there the next time it is asked for.
    reading.catch(() => this.#layers.delete(digest));
    return reading;
  }
}

/**
 * What is seen at each path when the layers (lowest first) are laid over each other. Read from the top down:
 * what an upper layer has or has removed hides the same path below, with all that is under it unless both are
 * directories.
 */
function mergeLayers(layers: readonly LayerContent[]): Map<string, LayerEntry> {
  const merged = new Map<string, LayerEntry>();
  /** Paths that lower layers cannot show. */
  const taken = new Set<string>();
  /** Paths under which lower layers cannot show anything. */
  const closed = new Set<string>();
  for (const { entries, whiteouts, opaques } of layers.toReversed()) {
    const visible = [...entries].filter(([path]) => !taken.has(path) && !isUnder(path, closed));
    for (const [path, entry] of visible) {
      merged.set(path, entry);
      taken.add(path);
      if (entry.type !== "directory") closed.add(path);
    }
    for (const path of whiteouts) {
      taken.add(path);
      closed.add(path);
    }
    for (const path of opaques) closed.add(path);
  }
  return merged;
}

/** Whether a directory above the path is in the set. */
function isUnder(path: string, set: ReadonlySet<string>): boolean {
  if (set.size === 0 || path === ".") return false;
  if (set.has(".")) return true;
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (set.has(path.slice(0, at))) return true;
  }
  return false;
}

/** The content at a path; a hard link's is that of the file it names. */
function contentOf(merged: ReadonlyMap<string, LayerEntry>, path: string): Buffer | undefined {
  const entry = merged.get(path);
  const file = entry?.type === "hardlink" ? merged.get(entry.target) : entry;
  return file?.type === "file" ? file.content : undefined;
}

/** What a layer has at a path. Sizes in bytes; only regular files have one, and of these ELF files a machine. */
type LayerEntry =
  | {
      readonly type: "file";
      readonly size: number;
      readonly content: Buffer | undefined;
      readonly machine: number | undefined;
    }
  | { readonly type: "hardlink"; readonly target: string }
  | { readonly type: "directory" | "other" };

/** One layer read: what it adds, and what it takes away from the layers below. Paths without a leading `/`. */
interface LayerContent {
  readonly entries: ReadonlyMap<string, LayerEntry>;
  readonly special: ReadonlyMap<string, Special>;
  /** Paths that are gone, with all below them (image-spec 1.1, layer.md, "Whiteouts"). */
  readonly whiteouts: readonly string[];
  /** Directories that show nothing of the layers below ("Opaque Whiteout"). */
  readonly opaques: readonly string[];
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** The largest file whose content is held in memory, in bytes; databases of packages have a hundredth of that. */
const LARGEST_KEPT = 64 * 1024 * 1024;

/**
 * What a layer adds and takes away, and what ELF files in it are for.
 * @param file where the layer is
 * @param keep the files to hold the content of
 * @throws Error as layerEntries() does
 */
export async function readLayer(
  file: string,
  mediaType: string,
  keep: ReadonlySet<string>,
): Promise<LayerContent> {
  const entries = new Map<string, LayerEntry>();
  const special = new Map<string, Special>();
  const whiteouts: string[] = [];
  const opaques: string[] = [];
  for await (const { header, chunks } of layerEntries(file, mediaType)) {
    const path = normalize(header.name);
    const isKept = keep.has(path);
    if (isKept && header.size > LARGEST_KEPT)
      throw new Error(`${file}: ${path} in it has ${header.size} bytes, expected at most ${LARGEST_KEPT}`);
    const content: Buffer[] = [];
    let head = Buffer.alloc(0);
    for await (const chunk of chunks) {
      if (isKept) content.push(chunk);
      if (head.length < ELF_HEAD) head = Buffer.concat([head, chunk.subarray(0, ELF_HEAD)]);
    }
    const kind = specialOf(header);
    if (kind !== undefined) special.set(path, kind);
    const name = posix.basename(path);
    const directory = posix.dirname(path);
    if (name === OPAQUE) opaques.push(directory);
    else if (name.startsWith(WHITEOUT)) whiteouts.push(posix.join(directory, name.slice(WHITEOUT.length)));
    else entries.set(path, entryOf(header, isKept ? Buffer.concat(content) : undefined, elfMachine(head)));
  }
  return { entries, special, whiteouts, opaques };
}

/**
 * The entries of a layer's tar, in one pass, packed or not. Each must be read to its end before the next comes.
 * @throws Error when it is not such a tar, or is packed in a way that is not known here
 */
export async function* layerEntries(file: string, mediaType: string) {
  const unpacking = unpackingOf(file, mediaType);
  const tar = extract();
  const read = pipeline([createReadStream(file, { highWaterMark: CHUNK }), ...unpacking, tar]);
  // The same error ends the entries below, which is where it is thrown.
  read.catch(() => undefined);
  for await (const entry of tar) yield { header: entry.header, chunks: entry as AsyncIterable<Buffer> };
  await read;
}

function entryOf({ type, size, linkname }: Header, content?: Buffer, machine?: number): LayerEntry {
  if (type === "file" || type === "contiguous-file") return { type: "file", size, content, machine };
  if (type === "link") return { type: "hardlink", target: normalize(linkname ?? "") };
  return { type: type === "directory" ? type : "other" };
}

const PLAIN: ReadonlySet<Header["type"]> = new Set([
  "file",
  "contiguous-file",
  "link",
  "symlink",
  "directory",
]);
const SETUID = 0o4000;
const SETGID = 0o2000;

/** A directory's bits do nothing to who enters it, and a link has none of its own. */
function specialOf({ type, mode = 0 }: Header): Special | undefined {
  if (!PLAIN.has(type)) return "device";
  if (type === "directory" || type === "symlink") return undefined;
  if (mode & SETUID) return "setuid";
  return mode & SETGID ? "setgid" : undefined;
}

/** Bytes up to the end of e_machine. */
const ELF_HEAD = 20;

/** The machine (e_machine) that an ELF file is for; undefined of any other. Source of the format: elf(5). */
function elfMachine(head: Buffer): number | undefined {
  if (head.length < ELF_HEAD || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const isBigEndian = head[5] === 2;
  return isBigEndian ? head.readUInt16BE(18) : head.readUInt16LE(18);
}

/** `./usr/bin/` → `usr/bin`. The root itself is `.`. */
export function normalize(path: string): string {
  return posix.join("/", path).replace(/\/$/, "").slice(1) || ".";
}
