import { readBase, readBuilder, readCreated, readInputs, readSizes } from "../formats/annotations.ts";
import { platformsOf } from "../formats/oci/assemble.ts";
import { imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import type { Published } from "../model/published.ts";
import { isBuildTag, reservedTag } from "../model/tags.ts";
import type { Registry } from "../registry/client.ts";

/** Reads what a registry has under a tag. Undefined when there is no such tag. @throws RegistryError */
export async function readPublished(
  registry: Registry,
  repository: string,
  tag: string,
  signal?: AbortSignal,
): Promise<Published | undefined> {
  const manifest = await registry.getManifest(repository, tag, { signal });
  if (!manifest) return undefined;
  const { digest, bytes, mediaType } = manifest;
  if (!isIndexType(mediaType)) return { digest, inputs: undefined };
  const { annotations, manifests } = parseDocument(imageIndexSchema, bytes, `${repository}:${tag}`);
  return {
    digest,
    inputs: readInputs(annotations),
    sizes: readSizes(annotations),
    builder: readBuilder(annotations),
    created: readCreated(annotations),
    base: readBase(annotations),
    platforms: platformsOf(manifests),
  };
}

/** Digest → the tags of images that point at it, without histories and attachments. @throws RegistryError */
export async function tagsByDigest(registry: Registry, repository: string): Promise<Map<string, string[]>> {
  const names = await registry.listTags(repository);
  const tags = names.filter((tag) => isBuildTag(tag) || reservedTag(tag) === undefined);
  const heads = await Promise.all(tags.map((tag) => registry.headManifest(repository, tag)));
  const found = new Map<string, string[]>();
  for (const [index, tag] of tags.entries()) {
    const digest = heads[index]?.digest;
    if (digest !== undefined) found.set(digest, [...(found.get(digest) ?? []), tag]);
  }
  return found;
}
