import { gzipSync } from "node:zlib";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import type { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { type Descriptor, type ImageConfig, MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { tarOf } from "../registries/archives.ts";
import type { ClientSettings } from "../registries/ecosystem.ts";
import type { BaseImages } from "./base.ts";
import type { Layer } from "./layer.ts";

/**
 * Gives base images the settings of their package registries' clients, as a company's own base images have
 * its proxy's: a small layer with their files, and their environment variables. The settings hold the mirror's
 * port; what is large does not, so it is made and sent once for all ports. Nothing in the layout is changed:
 * another run may be using it with another port.
 */
export async function configureBaseImages(
  { layout, images }: BaseImages,
  settings: Required<ClientSettings>,
): Promise<BaseImages> {
  const layer = await settingsLayer(layout, settings.files);
  const configured = new Map<string, Descriptor>();
  for (const [branch, image] of images) {
    configured.set(branch, await configureImage(layout, image, layer, settings.env));
  }
  return { layout, images: configured };
}

/** Of these files, the same whenever they are made. */
const SETTINGS_TIME = new Date("2024-01-01T00:00:00Z");

/** Files as a layer: owned by root, readable by all. */
async function settingsLayer(layout: OciLayout, files: Readonly<Record<string, string>>): Promise<Layer> {
  const contents = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  const tar = await tarOf(new Map(contents), SETTINGS_TIME);
  const descriptor = await layout.putBytes(gzipSync(tar), MEDIA_TYPE.layerTarGzip);
  return { descriptor, diffId: digestOf(tar) };
}

/** The same image with a layer and environment variables more. */
async function configureImage(
  layout: OciLayout,
  image: Descriptor,
  layer: Layer,
  env: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  const index = await layout.readImageIndex(image);
  const manifests: Descriptor[] = [];
  for (const descriptor of index.manifests) {
    const manifest = await layout.readManifest(descriptor);
    const configuration = withSettings(await layout.readConfig(manifest), layer, env);
    const config = await layout.putJson(configuration, MEDIA_TYPE.config);
    const layers = [...manifest.layers, layer.descriptor];
    const written = await layout.putJson({ ...manifest, config, layers }, MEDIA_TYPE.manifest);
    manifests.push({ ...descriptor, ...written });
  }
  return await layout.putJson({ ...index, manifests }, MEDIA_TYPE.index);
}

function withSettings(
  image: ImageConfig,
  { diffId }: Layer,
  env: Readonly<Record<string, string>>,
): ImageConfig {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    ...image,
    config: { ...image.config, Env: [...(image.config?.Env ?? []), ...variables] },
    rootfs: { ...image.rootfs, diff_ids: [...image.rootfs.diff_ids, diffId] },
    history: [...(image.history ?? []), image.history?.at(-1) ?? {}],
  };
}
