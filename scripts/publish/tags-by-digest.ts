import { reservedTag } from "../model/reserved.ts";
import { isBuildTag } from "../model/tags.ts";
import type { Registry } from "../registry/client.ts";

/** The tags that people pull, by what they point at: no histories, nothing that is attached to images. */
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

/** Those of them that move. */
export function movingTags(tags: readonly string[]): string[] {
  return tags.filter((tag) => !isBuildTag(tag));
}
