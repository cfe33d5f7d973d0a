import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { isGzip, normalize } from "./layer.ts";

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

async function factsOf({ path, mediaType }: LayerFile): Promise<Map<string, Facts>> {
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
  const source = createReadStream(path);
  if (isGzip(path, mediaType)) await pipeline(source, createGunzip(), tar);
  else await pipeline(source, tar);
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
