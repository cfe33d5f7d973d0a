import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { ociPlatform } from "../../../scripts/formats/oci/assemble.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import type { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { Platform } from "../../../scripts/model/platform.ts";

/**
 * Puts an image of one small layer into a layout. Images share their layer, as real ones share theirs, but no
 * two have the same manifest: Distribution can refuse one that it is given twice at the same time.
 * @param name in the manifest
 * @param text what is in its one file
 * @returns its manifest
 */
export async function putSmallImage(
  layout: OciLayout,
  platform: Platform,
  name: string,
  text: string,
): Promise<Descriptor> {
  const tar = pack();
  tar.entry({ name: "etc/motd", mtime: new Date(0) }, text);
  tar.finalize();
  const bytes = Buffer.concat(await Readable.from(tar).toArray());
  const config = { ...ociPlatform(platform), rootfs: { type: "layers", diff_ids: [digestOf(bytes)] } };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await layout.putJson(config, MEDIA_TYPE.config),
    layers: [await layout.putBytes(gzipSync(bytes), MEDIA_TYPE.layerTarGzip)],
    annotations: { "org.opencontainers.image.title": name },
  };
  return layout.putJson(manifest, MEDIA_TYPE.manifest);
}
