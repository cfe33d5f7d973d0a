import type { OciLayout } from "../formats/oci/layout.ts";
import { manifestSchema, parseDocument } from "../formats/oci/types.ts";
import type { CallOptions } from "../registry/blobs.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { manifestContent, putTag } from "../registry/push.ts";
import type { TagBeside } from "./exported.ts";

/**
 * Points a tag beside an image at what has arrived. Where the tag has all of that and more, as after another signature
 * was added here, it is left alone.
 * @throws RegistryError
 */
export async function bringBeside(
  { tag, manifest }: TagBeside,
  layout: OciLayout,
  registry: Registry,
  repository: string,
  options: CallOptions,
): Promise<void> {
  const here = await registry.getManifest(repository, tag, options);
  const content = await manifestContent(layout, manifest);
  if (here && hasAllOf(here, content)) return;
  await putTag(registry, repository, tag, content, options);
}

/** cosign keeps each signature, and each statement, as a layer. */
function hasAllOf(here: ManifestContent, arrived: ManifestContent): boolean {
  if (here.digest === arrived.digest) return true;
  const layers = new Set(layersOf(here));
  return layersOf(arrived).every((digest) => layers.has(digest));
}

function layersOf({ bytes, digest }: ManifestContent): string[] {
  return parseDocument(manifestSchema, bytes, digest).layers.map((layer) => layer.digest);
}
