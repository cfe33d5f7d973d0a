import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { messageOf, UserError } from "../../system/errors.ts";
import { linkOrCopy, makeFolder, writeWhole } from "../../system/files/files.ts";
import { canonicalJson, digestOf, hexOf, verifyBytes } from "./digest.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  imageConfigSchema,
  imageIndexSchema,
  isIndexType,
  isManifestType,
  type Manifest,
  MEDIA_TYPE,
  manifestSchema,
  parseDocument,
  REF_NAME,
} from "./types.ts";

/** What the file `oci-layout` says. */
export const LAYOUT_JSON = '{"imageLayoutVersion":"1.0.0"}';

/** What `index.json` says of these roots: the same for the same ones, in any order. */
export function indexJson(roots: readonly Descriptor[]): string {
  const manifests = [...roots].sort((a, b) => (rootKey(a) < rootKey(b) ? -1 : 1));
  return canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests });
}

/** All that one descriptor leads to, each once. */
export interface Closure {
  /** Manifests and indexes, children before what points at them: the order in which a registry takes them. */
  readonly manifests: readonly Descriptor[];
  /** Configurations and layers, in the order met. */
  readonly blobs: readonly Descriptor[];
}

/** A directory in the OCI image layout (image-spec 1.1, image-layout.md). */
export class OciLayout {
  private constructor(readonly directory: string) {}

  /** Opens a layout, made first if the directory does not hold one. */
  static async create(directory: string): Promise<OciLayout> {
    const layout = new OciLayout(directory);
    await makeFolder(join(directory, "blobs", "sha256"));
    await writeWhole(join(directory, "oci-layout"), LAYOUT_JSON);
    if ((await sizeOf(layout.#indexPath)) === undefined) await layout.writeIndex([]);
    return layout;
  }

  /** Opens a layout that is there. @throws UserError when the directory does not hold one. */
  static async open(directory: string): Promise<OciLayout> {
    try {
      await Promise.all([stat(join(directory, "oci-layout")), stat(join(directory, "index.json"))]);
    } catch (error) {
      throw new UserError(
        `${directory} is not an OCI image layout: ${messageOf(error)}`,
        "it should hold oci-layout, index.json and blobs/",
      );
    }
    return new OciLayout(directory);
  }

  get #indexPath(): string {
    return join(this.directory, "index.json");
  }

  /** The roots of the layout. @throws Error when `index.json` is missing or not an index. */
  async readIndex(): Promise<ImageIndex> {
    return parseDocument(imageIndexSchema, await readFile(this.#indexPath), this.#indexPath);
  }

  /** Writes the roots of the layout: in a stable order, and all at once, so no reader sees half a file. */
  async writeIndex(roots: readonly Descriptor[]): Promise<void> {
    await writeWhole(this.#indexPath, indexJson(roots));
  }

  /** The only root of a layout. @throws Error when it has none, or several. */
  async root(): Promise<Descriptor> {
    const { manifests } = await this.readIndex();
    const [root] = manifests;
    if (!root || manifests.length > 1) {
      throw new Error(`${this.#indexPath} has ${manifests.length} images, expected one`);
    }
    return root;
  }

  /** Where a blob is, or would be. @throws Error when the text is not a digest, so that no path escapes. */
  blobPath(digest: string): string {
    return join(this.directory, "blobs", "sha256", hexOf(digest));
  }

  /** A blob's bytes. @throws Error when its size or digest are not the descriptor's. */
  async readBlob(descriptor: Descriptor): Promise<Buffer> {
    const path = this.blobPath(descriptor.digest);
    const bytes = await readFile(path);
    verifyBytes(bytes, descriptor, path);
    return bytes;
  }

  /** A blob that is a JSON document. @throws Error when it is damaged or not of that form. */
  async readJson<T>(descriptor: Descriptor, schema: z.ZodType<T>): Promise<T> {
    return parseDocument(schema, await this.readBlob(descriptor), this.blobPath(descriptor.digest));
  }

  /** The manifest of one image for one platform. */
  readManifest(descriptor: Descriptor): Promise<Manifest> {
    return this.readJson(descriptor, manifestSchema);
  }

  /** An index inside the layout (not `index.json`, which lists the roots). */
  readImageIndex(descriptor: Descriptor): Promise<ImageIndex> {
    return this.readJson(descriptor, imageIndexSchema);
  }

  /** The configuration that a manifest points at. */
  readConfig(manifest: Manifest): Promise<ImageConfig> {
    return this.readJson(manifest.config, imageConfigSchema);
  }

  /** Adds bytes as a blob. */
  async putBytes(bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const path = this.blobPath(digest);
    if ((await sizeOf(path)) !== bytes.length) await writeWhole(path, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Adds a value as a JSON blob. Equal values make equal bytes, whatever the order of their keys. */
  putJson(value: unknown, mediaType: string): Promise<Descriptor> {
    return this.putBytes(Buffer.from(canonicalJson(value)), mediaType);
  }

  /** Adds all that a descriptor of another layout leads to. Files are hard-linked where the disk allows it. */
  async importFrom(source: OciLayout, descriptor: Descriptor): Promise<void> {
    const { manifests, blobs } = await source.closure(descriptor);
    for (const { digest, size } of [...blobs, ...manifests]) {
      const path = this.blobPath(digest);
      if ((await sizeOf(path)) !== size) await linkOrCopy(source.blobPath(digest), path);
    }
  }

  /** Everything that can be reached from a descriptor. @throws Error when a document is missing or damaged. */
  async closure(root: Descriptor): Promise<Closure> {
    const manifests = new Map<string, Descriptor>();
    const blobs = new Map<string, Descriptor>();
    const visit = async (descriptor: Descriptor): Promise<void> => {
      if (manifests.has(descriptor.digest)) return;
      if (isIndexType(descriptor.mediaType)) {
        for (const child of (await this.readImageIndex(descriptor)).manifests) await visit(child);
        manifests.set(descriptor.digest, descriptor);
      } else if (isManifestType(descriptor.mediaType)) {
        const { config, layers } = await this.readManifest(descriptor);
        for (const blob of [config, ...layers]) blobs.set(blob.digest, blob);
        manifests.set(descriptor.digest, descriptor);
      } else {
        blobs.set(descriptor.digest, descriptor);
      }
    };
    await visit(root);
    return { manifests: [...manifests.values()], blobs: [...blobs.values()] };
  }
}

/** Roots are ordered by name, then by digest. A space sorts before every character that a name may have. */
function rootKey(root: Descriptor): string {
  return `${root.annotations?.[REF_NAME] ?? ""} ${root.digest}`;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
