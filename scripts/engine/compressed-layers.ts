import { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { removeFile, writeWhole } from "../system/files/files.ts";

/** Digest before compression → the layer as it travels. */
type Layers = ReadonlyMap<string, Descriptor>;

/**
 * Layers that images have in common, so that they are compressed once in a run. buildah's store keeps layers as they
 * are unpacked and compresses them with each export, though all dev images of a branch stand on the same hundreds of
 * megabytes. What is in a layout already under the digest that a layer has in the store, it leaves alone: so a layout
 * is laid out with empty files of these names, and afterwards the layers that were compressed before take their place.
 * Source: containers/image, oci/layout/oci_dest.go, `TryReusingBlob`. Where a later release of it does otherwise it
 * compresses as ever, and nothing takes any place.
 */
export class CompressedLayers {
  readonly #directory: string;
  readonly #known = new Map<string, Layers>();

  /** @param directory where the layers are kept; it need not exist */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Makes a layout for an image to be exported to.
   * @param key the same for images that stand on the same layers
   */
  async layOut(key: string, directory: string): Promise<void> {
    const layout = await OciLayout.create(directory);
    for (const digest of this.#layersOf(key).keys()) await writeWhole(layout.blobPath(digest), "");
  }

  /** Puts the layers into the exported image that were left out; keeps those of the first image of its key. */
  async complete(key: string, directory: string): Promise<void> {
    const layout = await OciLayout.open(directory);
    const known = this.#layersOf(key);
    for (const digest of known.keys()) await removeFile(layout.blobPath(digest));
    const root = await layout.root();
    const manifest = await layout.readManifest(root);
    if (known.size === 0) {
      const { rootfs } = await layout.readConfig(manifest);
      this.#known.set(key, await this.#keep(layout, rootfs.diff_ids, manifest.layers));
    }
    const layers = manifest.layers.map((layer) => known.get(layer.digest) ?? layer);
    if (layers.every((layer, index) => layer === manifest.layers[index])) return;
    const kept = await OciLayout.open(this.#directory);
    for (const layer of layers) if (!manifest.layers.includes(layer)) await layout.importFrom(kept, layer);
    await layout.writeIndex([await layout.putJson({ ...manifest, layers }, root.mediaType)]);
  }

  #layersOf(key: string): Layers {
    return this.#known.get(key) ?? new Map();
  }

  async #keep(layout: OciLayout, digests: readonly string[], layers: readonly Descriptor[]): Promise<Layers> {
    const kept = await OciLayout.create(this.#directory);
    for (const layer of layers) await kept.importFrom(layout, layer);
    return new Map(layers.flatMap((layer, index) => (digests[index] ? [[digests[index], layer]] : [])));
  }
}
