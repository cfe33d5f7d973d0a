import { type LayerContent, type LayerEntry, normalize, readLayer } from "./layer.ts";
import type { OciLayout } from "./layout.ts";
import type { Descriptor, Manifest } from "./types.ts";

/**
 * Reads images' file systems out of their layers, without unpacking anything to disk. Every layer is read
 * once, whatever is asked of it and however many images share it: make one reader for a run.
 */
export class FilesystemReader {
  readonly #keep: ReadonlySet<string>;
  readonly #layers = new Map<string, Promise<LayerContent>>();

  /** @param paths the files whose content may be asked for, such as `lib/apk/db/installed` */
  constructor(paths: readonly string[]) {
    this.#keep = new Set(paths.map(normalize));
  }

  /**
   * The files of an image, of those that the reader was made for. A path that is not there, or is no regular
   * file, is left out; symbolic links are not followed. Paths have no leading `/`.
   */
  async readFiles(layout: OciLayout, manifest: Manifest): Promise<Map<string, Buffer>> {
    const merged = mergeLayers(await this.#read(layout, manifest));
    const files = new Map<string, Buffer>();
    for (const path of this.#keep) {
      const content = contentOf(merged, path);
      if (content) files.set(path, content);
    }
    return files;
  }

  /**
   * Bytes in an image's regular files, as seen when all layers are laid over each other. A file with several
   * names (hard links) counts once; directories and links, and what the disk rounds up to, do not count.
   */
  async unpackedSize(layout: OciLayout, manifest: Manifest): Promise<number> {
    const merged = mergeLayers(await this.#read(layout, manifest));
    let bytes = 0;
    for (const entry of merged.values()) if (entry.type === "file") bytes += entry.size;
    return bytes;
  }

  #read(layout: OciLayout, manifest: Manifest): Promise<LayerContent[]> {
    return Promise.all(manifest.layers.map((layer) => this.#layer(layout, layer)));
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
export function mergeLayers(layers: readonly LayerContent[]): Map<string, LayerEntry> {
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
