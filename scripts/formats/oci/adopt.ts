import { removeTree } from "../../system/files/files.ts";
import { OciLayout } from "./layout.ts";
import type { Descriptor, ImageConfig, Manifest } from "./types.ts";

/**
 * Moves the one image that an engine exported into a layout, without the engine's remarks on how it came
 * about. They are not the same from build to build: a step taken from the cache was made on top of an image
 * with a name made up for another build, which buildah puts into `org.opencontainers.image.base.name` and the
 * history's comments. Without them, the same content has the same digest.
 *
 * @param directory the exported layout, which is removed
 * @returns the manifest as it is in the layout now
 */
export async function adoptImage(layout: OciLayout, directory: string): Promise<Descriptor> {
  const source = await OciLayout.open(directory);
  const root = await source.root();
  const exported = await source.readManifest(root);
  const config = withoutComments(await source.readConfig(exported));
  for (const layer of exported.layers) await layout.importFrom(source, layer);
  const { annotations: _, ...manifest }: Manifest = {
    ...exported,
    config: await layout.putJson(config, exported.config.mediaType),
  };
  const descriptor = await layout.putJson(manifest, root.mediaType);
  await removeTree(directory);
  return descriptor;
}

/** What was run for each layer stays (image-spec 1.1, config.md, `history`). */
function withoutComments(config: ImageConfig): ImageConfig {
  if (!config.history) return config;
  return { ...config, history: config.history.map(({ comment: _, ...step }) => step) };
}
