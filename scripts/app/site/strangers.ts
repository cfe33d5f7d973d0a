import pLimit from "p-limit";
import { readInputs } from "../../formats/annotations.ts";
import { imageIndexSchema, parseDocument } from "../../formats/oci/types.ts";
import { isBuildTag, reservedTag } from "../../model/tags.ts";
import { repositoryIn } from "../../registry/reference.ts";
import type { StrangeTag } from "../../report/site/site.ts";
import { REQUESTS_AT_ONCE, type RegistryPlace } from "../read-registry.ts";

/** The tags of a repository: by digest, and those that nobody of us set. */
export interface RepositoryTags {
  readonly byDigest: ReadonlyMap<string, readonly string[]>;
  readonly strangers: readonly StrangeTag[];
}

/**
 * Reads where the tags of an image point, but for those of single builds, of which each names its own.
 * @param known the digests that a catalog's tag points at, or a history names
 * @param own the tags that the catalog has
 * @throws RegistryError
 */
export async function readTags(
  { registry, namespace, signal }: RegistryPlace,
  image: string,
  known: ReadonlySet<string>,
  own: ReadonlySet<string>,
): Promise<RepositoryTags> {
  const repository = repositoryIn(namespace, image);
  const names = await registry.listTags(repository, { signal, refusedIsAbsent: true });
  const tags = names.filter((tag) => !isBuildTag(tag) && reservedTag(tag) === undefined);
  const limit = pLimit(REQUESTS_AT_ONCE);
  const head = async (tag: string) => {
    try {
      return await registry.headManifest(repository, tag, { signal });
    } catch (error) {
      // Of a catalog's own tag that cannot be read its standing tells.
      if (signal.aborted || !own.has(tag)) throw error;
      return undefined;
    }
  };
  const heads = await Promise.all(tags.map((tag) => limit(head, tag)));
  const byDigest = new Map<string, string[]>();
  const strangers: StrangeTag[] = [];
  for (const [index, tag] of tags.entries()) {
    const digest = heads[index]?.digest;
    if (digest === undefined) continue;
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
    // Of a catalog's own tag its standing tells.
    if (known.has(digest) || own.has(tag)) continue;
    const content = await registry.getManifest(repository, digest, { signal });
    const annotations = content && annotationsIn(content.bytes);
    // An exact version's tag stays where it was when the history has forgotten its build.
    if (readInputs(annotations) !== undefined) continue;
    strangers.push({ image, tag, digest, annotations: annotations ?? {} });
  }
  return { byDigest, strangers };
}

/** What a manifest says of itself; undefined where that is nothing that can be read. */
function annotationsIn(bytes: Uint8Array): Readonly<Record<string, string>> | undefined {
  try {
    // An index's schema asks for less than a manifest's, but for its list.
    const schema = imageIndexSchema.partial({ manifests: true });
    return parseDocument(schema, bytes, "a manifest").annotations;
  } catch {
    return undefined;
  }
}
