import { type LayerContent, type LayerEntry, normalize, readLayer } from "./layer.ts";
import type { OciLayout } from "./layout.ts";
import type { Descriptor, Manifest } from "./types.ts";

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
}

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
    return { contents, sizes, machines };
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
