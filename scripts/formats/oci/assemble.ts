import { PLATFORMS, type Platform } from "../../model/platform.ts";
import { removeTree } from "../../system/files/files.ts";
import { historyOf } from "./history.ts";
import { OciLayout } from "./layout.ts";
import { type Descriptor, MEDIA_TYPE, type OciPlatform, REF_NAME } from "./types.ts";

/** One platform's image, on its way into an index. */
export interface IndexEntry {
  readonly platform: Platform;
  readonly manifest: Descriptor;
}

/** `linux/arm64` → `{ os: "linux", architecture: "arm64" }`. */
export function ociPlatform(platform: Platform): OciPlatform {
  const [os = "", architecture = ""] = platform.split("/");
  return { os, architecture };
}

/** The one of our platforms that a manifest is for, by what its index says. */
export function platformOf({ platform }: Descriptor): Platform | undefined {
  return PLATFORMS.find((known) => known === `${platform?.os}/${platform?.architecture}`);
}

/** Those of our platforms that an index has a manifest for. */
export function platformsOf(manifests: readonly Descriptor[]): Platform[] {
  return PLATFORMS.filter((known) => manifests.some((manifest) => platformOf(manifest) === known));
}

/**
 * Writes an image index (image-spec 1.1, image-index.md) and makes it the layout's only root. The manifests
 * must be in the layout already. The same entries and annotations give the same digest, in any order.
 * @param annotations of the index itself: they travel with it to the registry
 * @param attestations about the images, which are in the layout too
 * @param name what the root is called in `index.json`, such as `node:22`
 * @throws Error when two entries are for one platform, or an image is of another platform than its entry says
 */
export async function assembleIndex(
  layout: OciLayout,
  entries: readonly IndexEntry[],
  annotations: Readonly<Record<string, string>>,
  name: string,
  attestations: readonly Descriptor[] = [],
): Promise<Descriptor> {
  const inOrder = [...entries].sort((a, b) => (a.platform < b.platform ? -1 : 1));
  await checkPlatforms(layout, inOrder, name);
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: [
      ...inOrder.map(({ platform, manifest: { mediaType, digest, size } }) => {
        return { mediaType, digest, size, platform: ociPlatform(platform) };
      }),
      ...attestations,
    ],
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  const descriptor = await layout.putJson(index, MEDIA_TYPE.index);
  await layout.writeIndex([{ ...descriptor, annotations: { [REF_NAME]: name } }]);
  return descriptor;
}

/** An index that gives arm64 machines an amd64 image is worse than none: ask each image what it is. */
async function checkPlatforms(
  layout: OciLayout,
  entries: readonly IndexEntry[],
  name: string,
): Promise<void> {
  const seen = new Set<Platform>();
  for (const { platform, manifest } of entries) {
    if (seen.has(platform)) throw new Error(`${name}: two images for ${platform}`);
    seen.add(platform);
    const config = await layout.readConfig(await layout.readManifest(manifest));
    const found = `${config.os}/${config.architecture}`;
    if (found !== platform) throw new Error(`${name}: the image for ${platform} was built for ${found}`);
  }
}

/**
 * Moves the one image that an engine exported into a layout, without the engine's remarks on how it came
 * about, and with what engines leave out of its configuration. They are not the same from build to build: a step taken from the cache was made on top of an image
 * with a name made up for another build, which buildah puts into `org.opencontainers.image.base.name` and the
 * history's comments. Without them, the same content has the same digest.
 *
 * @param directory the exported layout, which is removed
 * @param time when the image is to say that it was made, in seconds since 1970
 * @param words what it is to say of itself: annotations of its manifest, and labels before those of an image below
 * @param more fields of the configuration's `config`, such as `Healthcheck`; they win over the engine's own
 * @returns the manifest as it is in the layout now
 */
export async function adoptImage(
  layout: OciLayout,
  directory: string,
  time: number,
  words: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Descriptor> {
  const source = await OciLayout.open(directory);
  const root = await source.root();
  const exported = await source.readManifest(root);
  const config = await source.readConfig(exported);
  const history = historyOf(config);
  for (const layer of exported.layers) await layout.importFrom(source, layer);
  // Without BuildKit's remark that it has rewritten the times in one.
  const layers = exported.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  const { annotations: _, ...manifest } = exported;
  const settings = { ...config.config, Labels: { ...config.config?.Labels, ...words }, ...more };
  const told = { ...config, created: isoTime(time), config: settings, history };
  const written = await layout.putJson(told, exported.config.mediaType);
  const complete = { ...manifest, layers, config: written, annotations: words };
  const descriptor = await layout.putJson(complete, root.mediaType);
  await removeTree(directory);
  return descriptor;
}

/** A time as images tell it: RFC 3339, in whole seconds. @param time in seconds since 1970 */
export function isoTime(time: number): string {
  return new Date(time * 1000).toISOString().replace(".000", "");
}
