import { z } from "zod";
import { canonicalJson } from "../oci/canonical-json.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorSchema, MEDIA_TYPE, parseDocument } from "../oci/types.ts";
import type { CallOptions, Registry } from "../registry/client.ts";

/**
 * What a tag pointed at, kept in the registry under a tag of its own, `22.history` beside `22`: an image index
 * whose manifests are the images, the newest first. A registry removes no image that an index names, so what
 * the tag pointed at before can still be pulled, and the tag moved back.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.history.v1";
/** When the tag was moved to an image, and when a later build came to the same one. */
const CREATED = "org.opencontainers.image.created";
const CONFIRMED = "birdhouse.confirmed";

/** An image that a tag points at, or pointed at before. */
export interface HistoryEntry {
  readonly image: Descriptor;
  /** When the tag was moved to it. */
  readonly created: Date;
  /** When a build last came to it: no earlier than `created`. */
  readonly confirmed: Date;
}

const entrySchema = descriptorSchema.extend({
  annotations: z.looseObject({ [CREATED]: z.iso.datetime(), [CONFIRMED]: z.iso.datetime() }),
});
const historySchema = z.looseObject({
  artifactType: z.literal(ARTIFACT_TYPE),
  manifests: z.array(entrySchema),
});

/** Where the history of a tag is: `22` → `22.history`. */
export function historyTag(tag: string): string {
  return `${tag}.history`;
}

/** The history of a tag, the newest first; none where there is none yet. @throws RegistryError; Error when it cannot be read */
export async function readHistory(
  registry: Registry,
  repository: string,
  tag: string,
  options: CallOptions = {},
): Promise<HistoryEntry[]> {
  const manifest = await registry.getManifest(repository, historyTag(tag), options);
  if (!manifest) return [];
  const { manifests } = parseDocument(historySchema, manifest.bytes, `${repository}:${historyTag(tag)}`);
  return manifests.map(({ mediaType, digest, size, annotations }) => ({
    image: { mediaType, digest, size },
    created: new Date(annotations[CREATED] as string),
    confirmed: new Date(annotations[CONFIRMED] as string),
  }));
}

/**
 * The history after a tag was moved to an image, or found to be there already. Pure.
 * @param keep how many images are remembered
 */
export function withPublished(
  history: readonly HistoryEntry[],
  image: Descriptor,
  now: Date,
  keep: number,
): HistoryEntry[] {
  const [newest, ...older] = history;
  if (newest?.image.digest === image.digest) return [{ ...newest, confirmed: now }, ...older];
  // An image that comes back is listed where it stands now; to name it twice would say nothing more.
  const others = history.filter((entry) => entry.image.digest !== image.digest);
  return [{ image, created: now, confirmed: now }, ...others].slice(0, keep);
}

/** Puts a history into the registry. @throws RegistryError */
export async function writeHistory(
  registry: Registry,
  repository: string,
  tag: string,
  history: readonly HistoryEntry[],
): Promise<void> {
  const bytes = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      artifactType: ARTIFACT_TYPE,
      manifests: history.map(({ image: { mediaType, digest, size }, created, confirmed }) => ({
        ...{ mediaType, digest, size },
        annotations: { [CREATED]: created.toISOString(), [CONFIRMED]: confirmed.toISOString() },
      })),
    }),
  );
  const content = { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
  await registry.putManifest(repository, historyTag(tag), content);
}

/** An image that a tag was moved to, or found at. */
export interface Publication {
  readonly image: Descriptor;
  readonly now: Date;
  /** How many images the history keeps. */
  readonly keep: number;
  /** Whether it matters that a build came to the same image once more. */
  readonly confirm?: boolean;
}

/** Adds an image to the history of a tag, if it is not there as the newest. @throws RegistryError */
export async function remember(
  registry: Registry,
  repository: string,
  tag: string,
  { image, now, keep, confirm = false }: Publication,
): Promise<void> {
  const history = await readHistory(registry, repository, tag);
  if (history[0]?.image.digest === image.digest && !confirm) return;
  await writeHistory(registry, repository, tag, withPublished(history, image, now, keep));
}
