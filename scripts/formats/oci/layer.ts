import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Extract, extract, type Header } from "tar-stream";
import { MEDIA_TYPE } from "./types.ts";

/** What a layer has at a path. Sizes in bytes; only regular files have one, and of these ELF files a machine. */
export type LayerEntry =
  | { readonly type: "file"; readonly size: number; readonly content?: Buffer; readonly machine?: number }
  | { readonly type: "hardlink"; readonly target: string }
  | { readonly type: "directory" }
  | { readonly type: "other" };

/** One layer read: what it adds, and what it takes away from the layers below. Paths without a leading `/`. */
export interface LayerContent {
  readonly entries: ReadonlyMap<string, LayerEntry>;
  /** Paths that are gone, with all below them (image-spec 1.1, layer.md, "Whiteouts"). */
  readonly whiteouts: readonly string[];
  /** Directories that show nothing of the layers below ("Opaque Whiteout"). */
  readonly opaques: readonly string[];
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** The largest file whose content is held in memory, in bytes; databases of packages have a hundredth of that. */
const LARGEST_KEPT = 64 * 1024 * 1024;

/** Bytes per piece: zlib's own 16 KiB would spend the time on crossing threads. */
const CHUNK = 1024 * 1024;

/**
 * Reads a layer's tar in one pass, packed or not, as a stream.
 * @param file where the layer is
 * @param keep the files to hold the content of
 * @throws Error when it is not such a tar, or is packed in a way that is not known here
 */
export async function readLayer(
  file: string,
  mediaType: string,
  keep: ReadonlySet<string>,
): Promise<LayerContent> {
  const layer = {
    entries: new Map<string, LayerEntry>(),
    whiteouts: [] as string[],
    opaques: [] as string[],
  };
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    const path = normalize(header.name);
    const chunks: Buffer[] | undefined = keep.has(path) ? [] : undefined;
    let head: Buffer | undefined;
    stream.on("data", (data) => {
      const chunk = data as Buffer;
      chunks?.push(chunk);
      if (!head) head = chunk;
      else if (head.length < ELF_HEAD) head = Buffer.concat([head, chunk]);
    });
    // The same error ends the pipeline below, which is where it is thrown.
    stream.on("error", () => undefined);
    if (chunks && (header.size ?? 0) > LARGEST_KEPT) {
      tar.destroy(
        new Error(`${file}: ${path} in it has ${header.size} bytes, expected at most ${LARGEST_KEPT}`),
      );
      return;
    }
    stream.on("end", () => {
      addEntry(layer, path, header, chunks && Buffer.concat(chunks), head && elfMachine(head));
      next();
    });
  });
  await unpackInto(tar, { path: file, mediaType });
  return layer;
}

async function unpackInto(tar: Extract, { path, mediaType }: LayerFile): Promise<void> {
  const source = createReadStream(path, { highWaterMark: CHUNK });
  if (isGzip(path, mediaType)) await pipeline(source, createGunzip({ chunkSize: CHUNK }), tar);
  else await pipeline(source, tar);
}

function addEntry(
  layer: { entries: Map<string, LayerEntry>; whiteouts: string[]; opaques: string[] },
  path: string,
  header: Header,
  content: Buffer | undefined,
  machine: number | undefined,
): void {
  const name = posix.basename(path);
  const directory = posix.dirname(path);
  if (name === OPAQUE) layer.opaques.push(directory);
  else if (name.startsWith(WHITEOUT))
    layer.whiteouts.push(posix.join(directory, name.slice(WHITEOUT.length)));
  else layer.entries.set(path, entryOf(header, content, machine));
}

function entryOf(header: Header, content: Buffer | undefined, machine: number | undefined): LayerEntry {
  switch (header.type) {
    case "file":
    case "contiguous-file":
      return {
        type: "file",
        size: header.size ?? 0,
        ...(content && { content }),
        ...(machine !== undefined && { machine }),
      };
    case "link":
      return { type: "hardlink", target: normalize(header.linkname ?? "") };
    case "directory":
      return { type: "directory" };
    default:
      return { type: "other" };
  }
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

/** Whether a layer is packed. @throws Error when it is, but in a way that is not known here */
function isGzip(file: string, mediaType: string): boolean {
  if (mediaType === MEDIA_TYPE.layerTar) return false;
  if (mediaType === MEDIA_TYPE.layerTarGzip || mediaType === MEDIA_TYPE.dockerLayerGzip) return true;
  throw new Error(`${file}: layers of type ${mediaType} cannot be read, only tar and tar with gzip`);
}

/** What a layer says of a path, by name: `mode`, `mtime`, `content`, … */
type Facts = ReadonlyMap<string, string>;

/** A layer on disk. */
export interface LayerFile {
  readonly path: string;
  readonly mediaType: string;
}

/**
 * How two layers differ, a line for each path: `etc/passwd: content`, `var/log/x: only in the second`.
 * Empty where the same files were packed in another order, or compressed in another way.
 * @throws Error when one of them is no layer
 */
export async function layerDiff(first: LayerFile, second: LayerFile): Promise<string[]> {
  const [one, other] = await Promise.all([factsOf(first), factsOf(second)]);
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths.flatMap((path) => {
    const [before, after] = [one.get(path), other.get(path)];
    if (!after) return [`${path}: only in the first`];
    if (!before) return [`${path}: only in the second`];
    const names = [...new Set([...before.keys(), ...after.keys()])];
    const differing = names.filter((name) => before.get(name) !== after.get(name));
    return differing.length === 0
      ? []
      : [`${path}: ${differing.map((name) => describe(name, before, after)).join(", ")}`];
  });
}

function describe(name: string, before: Facts, after: Facts): string {
  // A hash tells a person nothing.
  return name === "content" ? name : `${name} ${before.get(name) ?? "none"} → ${after.get(name) ?? "none"}`;
}

async function factsOf(layer: LayerFile): Promise<Map<string, Facts>> {
  const found = new Map<string, Facts>();
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    const hash = createHash("sha256");
    stream.on("data", (chunk) => hash.update(chunk as Buffer));
    // The same error ends the pipeline below, which is where it is thrown.
    stream.on("error", () => undefined);
    stream.on("end", () => {
      found.set(normalize(header.name), factsOfEntry(header, hash.digest("hex")));
      next();
    });
  });
  await unpackInto(tar, layer);
  return found;
}

function factsOfEntry(header: Header, content: string): Facts {
  const { type, mode, uid, gid, size, mtime, linkname, pax } = header;
  return new Map([
    ["type", String(type)],
    ["mode", (mode ?? 0).toString(8)],
    ["owner", `${uid}:${gid}`],
    ["size", String(size)],
    ["mtime", mtime?.toISOString() ?? "none"],
    ["link", linkname ?? "none"],
    ["attributes", JSON.stringify(pax ?? {})],
    ["content", content],
  ]);
}
