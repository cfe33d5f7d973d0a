import { z } from "zod";
import { canonicalJson, digestOf } from "../formats/oci/digest.ts";
import { type Descriptor, descriptorSchema, MEDIA_TYPE, parseDocument } from "../formats/oci/types.ts";
import { HISTORY_SUFFIX } from "../model/reserved.ts";
import type { CallOptions, ManifestContent, Registry } from "../registry/client.ts";
import { messageOf } from "../system/errors.ts";
import { type Hold, holdAnnotations, readHold } from "./hold.ts";

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

/** What is recorded of a tag. */
export interface History {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Whether the tag is to stay where it is; it may have ended. */
  readonly hold: Hold | undefined;
}

const NO_HISTORY: History = { entries: [], hold: undefined };

const entrySchema = descriptorSchema.extend({
  annotations: z.looseObject({ [CREATED]: z.iso.datetime(), [CONFIRMED]: z.iso.datetime() }),
});
const historySchema = z.looseObject({
  artifactType: z.literal(ARTIFACT_TYPE),
  manifests: z.array(entrySchema),
  annotations: z.unknown().optional(),
});

/** Where the history of a tag is: `22` → `22.history`. */
export function historyTag(tag: string): string {
  return tag + HISTORY_SUFFIX;
}

/** What was found where a history belongs: one, nothing yet, or something that is none, and why it is not. */
export type FoundHistory =
  | { readonly kind: "history"; readonly history: History }
  | { readonly kind: "none" }
  | { readonly kind: "foreign"; readonly content: ManifestContent; readonly because: string };

/** Looks where the history of a tag belongs. @throws RegistryError */
export async function findHistory(
  registry: Registry,
  repository: string,
  tag: string,
  options: CallOptions = {},
): Promise<FoundHistory> {
  const content = await registry.getManifest(repository, historyTag(tag), options);
  if (!content) return { kind: "none" };
  try {
    return { kind: "history", history: parseHistory(content, `${repository}:${historyTag(tag)}`) };
  } catch (error) {
    return { kind: "foreign", content, because: messageOf(error) };
  }
}

/** What is known of a tag's past: nothing where something else is in its place. */
export function historyIn(found: FoundHistory): History {
  return found.kind === "history" ? found.history : NO_HISTORY;
}

function parseHistory({ bytes }: ManifestContent, place: string): History {
  const { manifests, annotations } = parseDocument(historySchema, bytes, place);
  return {
    entries: manifests.map(({ mediaType, digest, size, annotations: times }) => ({
      image: { mediaType, digest, size },
      created: new Date(times[CREATED] as string),
      confirmed: new Date(times[CONFIRMED] as string),
    })),
    hold: readHold(annotations),
  };
}

/** The history of a tag, the newest first; none where there is none yet. @throws RegistryError; Error when it cannot be read */
export async function readHistory(
  registry: Registry,
  repository: string,
  tag: string,
  options: CallOptions = {},
): Promise<readonly HistoryEntry[]> {
  const found = await findHistory(registry, repository, tag, options);
  if (found.kind === "foreign") throw new Error(found.because);
  return historyIn(found).entries;
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

/** A history as it lies in a registry. Pure. */
export function historyContent(history: readonly HistoryEntry[], hold?: Hold): ManifestContent {
  const annotations = holdAnnotations(hold);
  const bytes = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      artifactType: ARTIFACT_TYPE,
      manifests: history.map(({ image: { mediaType, digest, size }, created, confirmed }) => ({
        ...{ mediaType, digest, size },
        annotations: { [CREATED]: created.toISOString(), [CONFIRMED]: confirmed.toISOString() },
      })),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    }),
  );
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}

/** Puts a history into the registry. @throws RegistryError */
export async function writeHistory(
  registry: Registry,
  repository: string,
  tag: string,
  history: readonly HistoryEntry[],
  hold?: Hold,
): Promise<void> {
  await registry.putManifest(repository, historyTag(tag), historyContent(history, hold));
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
