import { z } from "zod";
import { canonicalJson } from "../oci/canonical-json.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorSchema, MEDIA_TYPE, parseDocument } from "../oci/types.ts";
import type { CallOptions, Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { messageOf } from "../system/errors.ts";

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

/**
 * Adds an image to the history of a tag, if it is not there as the newest. A registry that keeps no histories is let be.
 * @throws RegistryError where it is refused for another reason
 */
export async function remember(
  registry: Registry,
  repository: string,
  tag: string,
  { image, now, keep, confirm = false }: Publication,
): Promise<void> {
  if ((await known.get(registry)) !== undefined) return;
  const history = await readHistory(registry, repository, tag);
  if (history[0]?.image.digest === image.digest && !confirm) return;
  try {
    await writeHistory(registry, repository, tag, withPublished(history, image, now, keep));
  } catch (error) {
    if (!isNoPlaceForHistory(error)) throw error;
    known.set(registry, Promise.resolve(noHistoryText(registry, error)));
  }
}

/** Of each registry, asked once: why it keeps no history; undefined where it does. */
const known = new WeakMap<Registry, Promise<string | undefined>>();

/**
 * Finds out, before any tag moves, whether a registry keeps histories at all: some refuse an index whose entries are
 * indexes. Where there is a history it does; the first one is written at once, and `remember` then finds it done.
 * @returns what to say of it, to the first who asks of a registry; undefined where it keeps them, or that was said
 * @throws RegistryError where it is refused for another reason; Error where something else is under the history's tag
 */
export async function saysNoHistory(
  registry: Registry,
  repository: string,
  tag: string,
  publication: Publication,
): Promise<string | undefined> {
  const before = known.get(registry);
  if (before) return before.then(() => undefined);
  const asked = tryHistory(registry, repository, tag, publication);
  known.set(registry, asked);
  asked.catch(() => known.delete(registry));
  return asked;
}

async function tryHistory(
  registry: Registry,
  repository: string,
  tag: string,
  { image, now, keep }: Publication,
): Promise<string | undefined> {
  const history = await readHistory(registry, repository, tag);
  if (history.length > 0) return undefined;
  try {
    await writeHistory(registry, repository, tag, withPublished(history, image, now, keep));
    return undefined;
  } catch (error) {
    if (isNoPlaceForHistory(error)) return noHistoryText(registry, error);
    throw error;
  }
}

/** What a registry that could keep a history would not answer to one. Rights and overload are another matter. */
function isNoPlaceForHistory(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.status === undefined) return false;
  return (
    error.status === 501 || (error.status >= 400 && error.status < 500 && !OTHER_MATTERS.has(error.status))
  );
}

const OTHER_MATTERS = new Set([401, 403, 407, 408, 429]);

function noHistoryText(registry: Registry, error: unknown): string {
  const [why = ""] = messageOf(error).split("\n");
  return (
    `${registry.host} keeps no history here: it refuses an index that names indexes, as Quay and gcr.io do. ` +
    `Images are published all the same; \`rollback\` has nothing to go back to. (${why})`
  );
}
