import type { Descriptor } from "./oci/types.ts";
import { END_OF_LIFE } from "./standard-annotations.ts";

/**
 * What says of another artifact that it is supported no longer, and since when: a referrer without a document, since its
 * annotation says it all. Scanners leave such images out, and admission policies refuse them.
 * Source: learn.microsoft.com/azure/container-registry/container-registry-artifact-lifecycle; .NET's images have it,
 * attached by `oras attach`, on the index and on each platform, when a newer image takes their tags
 */
export const LIFECYCLE = "application/vnd.microsoft.artifact.lifecycle";

/** The digest of what came after it: marks without that are somebody else's, and stay. */
const SUPERSEDED_BY = "birdhouse.superseded.by";

/** What a mark says: the day, `2026-11-23`, and what came after. Equal for the same ones. Pure. */
export function markAnnotations(day: Date, by: string): Record<string, string> {
  return { [END_OF_LIFE]: day.toISOString().slice(0, 10), [SUPERSEDED_BY]: by };
}

/** Whether what is attached to an image is a mark of ours. Pure. */
export function isMark({
  artifactType,
  annotations,
}: Pick<Descriptor, "artifactType" | "annotations">): boolean {
  return artifactType === LIFECYCLE && annotations?.[SUPERSEDED_BY] !== undefined;
}
