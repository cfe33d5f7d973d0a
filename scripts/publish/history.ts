import { z } from "zod";
import { type Descriptor, descriptorSchema, parseDocument } from "../formats/oci/types.ts";
import { HISTORY_SUFFIX } from "../model/tags.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import type { CallOptions } from "../registry/connection.ts";
import { indexContent } from "../registry/push.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import { typed } from "../system/shown/started.ts";

/**
 * What a tag pointed at, kept in the registry under a tag of its own, `22.history` beside `22`: an image index
 * whose manifests are the images, the newest first. A registry removes no image that an index names, so what
 * the tag pointed at before can still be pulled, and the tag moved back.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.history.v1";
/** When the tag was moved to an image, and when a later build came to the same one. */
const CREATED = "org.opencontainers.image.created";
const CONFIRMED = "birdhouse.confirmed";
/** Since when the registry has a mark that says that the image was superseded. */
const ENDED = "birdhouse.ended";
/** Annotations of the whole index. */
const HELD_UNTIL = "birdhouse.hold.until";
const HELD_BY = "birdhouse.hold.by";
const HELD_BECAUSE = "birdhouse.hold.reason";

/** An image that a tag points at, or pointed at before. */
export interface HistoryEntry {
  readonly image: Descriptor;
  /** When the tag was moved to it. */
  readonly created: Date;
  /** When a build last came to it: no earlier than `created`. */
  readonly confirmed: Date;
  /** When it was marked in the registry as superseded; absent where it has no such mark. */
  readonly ended?: Date | undefined;
}

/** A promise that a tag stays where it was put. It is kept in the registry, so that every machine sees it. */
export interface Hold {
  readonly until: Date;
  readonly by: string;
  readonly reason: string;
}

/** What is recorded of a tag. */
export interface History {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Whether the tag is to stay where it is. Its time may be over: see `holdAt`. */
  readonly hold: Hold | undefined;
}

const NO_HISTORY: History = { entries: [], hold: undefined };

/** A time as JSON has it. */
export const timeSchema = z.iso.datetime().transform((text) => new Date(text));
const entrySchema = descriptorSchema
  .extend({
    annotations: z.looseObject({
      [CREATED]: timeSchema,
      [CONFIRMED]: timeSchema,
      [ENDED]: timeSchema.optional(),
    }),
  })
  .transform(({ mediaType, digest, size, annotations }): HistoryEntry => {
    const { [CREATED]: created, [CONFIRMED]: confirmed, [ENDED]: ended } = annotations;
    return { image: { mediaType, digest, size }, created, confirmed, ...(ended && { ended }) };
  });
const holdSchema = z
  .looseObject({
    [HELD_UNTIL]: timeSchema,
    [HELD_BY]: z.string().default(""),
    [HELD_BECAUSE]: z.string().default(""),
  })
  .transform((said): Hold => ({ until: said[HELD_UNTIL], by: said[HELD_BY], reason: said[HELD_BECAUSE] }));
const historySchema = z
  .looseObject({
    artifactType: z.literal(ARTIFACT_TYPE),
    manifests: z.array(entrySchema),
    annotations: z.unknown().optional(),
  })
  .transform(({ manifests, annotations }): History => ({ entries: manifests, hold: readHold(annotations) }));

/** Where the history of a tag is: `22` → `22.history`. */
export function historyTag(tag: string): string {
  return tag + HISTORY_SUFFIX;
}

/** What was found under a history's tag: a history, nothing, or something else, and why it is no history. */
export type FoundHistory =
  | { readonly kind: "history"; readonly history: History }
  | { readonly kind: "none" }
  | { readonly kind: "foreign"; readonly content: ManifestContent; readonly because: string };

/** Reads the history of a tag. @throws RegistryError */
export async function findHistory(
  registry: Registry,
  repository: string,
  tag: string,
  options: CallOptions = {},
): Promise<FoundHistory> {
  const content = await registry.getManifest(repository, historyTag(tag), options);
  if (!content) return { kind: "none" };
  try {
    const where = `${repository}:${historyTag(tag)}`;
    return { kind: "history", history: parseDocument(historySchema, content.bytes, where) };
  } catch (error) {
    return { kind: "foreign", content, because: messageOf(error) };
  }
}

/** The history that was found; empty where there is none. */
export function historyIn(found: FoundHistory): History {
  return found.kind === "history" ? found.history : NO_HISTORY;
}

/** The hold in a history's annotations; undefined where there is none, or no time until when. */
export function readHold(annotations: unknown): Hold | undefined {
  return holdSchema.safeParse(annotations).data;
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
  // An image that comes back is listed once, where it stands now.
  const others = history.filter((entry) => entry.image.digest !== image.digest);
  const ended = history.find((entry) => entry.image.digest === image.digest)?.ended;
  return [{ image, created: now, confirmed: now, ...(ended && { ended }) }, ...others].slice(0, keep);
}

/** A history as a registry keeps it. Pure. */
export function historyContent(entries: readonly HistoryEntry[], hold?: Hold): ManifestContent {
  const annotations = hold && {
    [HELD_UNTIL]: hold.until.toISOString(),
    [HELD_BY]: hold.by,
    [HELD_BECAUSE]: hold.reason,
  };
  const manifests = entries.map(({ image: { mediaType, digest, size }, created, confirmed, ended }) => ({
    ...{ mediaType, digest, size },
    annotations: {
      ...{ [CREATED]: created.toISOString(), [CONFIRMED]: confirmed.toISOString() },
      ...(ended && { [ENDED]: ended.toISOString() }),
    },
  }));
  return indexContent({ artifactType: ARTIFACT_TYPE, manifests, ...(annotations && { annotations }) });
}

/** The hold, if its time is not over. */
export function holdAt(hold: Hold | undefined, now: Date): Hold | undefined {
  return hold && hold.until.getTime() > now.getTime() ? hold : undefined;
}

/** `held until 2026-12-05 21:15 UTC by ann@buildhost: broken TLS`, without what a terminal would obey. */
export function describeHold({ until, by, reason }: Hold): string {
  const time = `${until.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const who = by === "" ? "" : ` by ${cleanLine(by, LONGEST_NAME)}`;
  const why = reason === "" ? "" : `: ${cleanLine(reason, LONGEST_REASON)}`;
  return `held until ${time}${who}${why}`;
}

/** Characters. */
const LONGEST_NAME = 200;
export const LONGEST_REASON = 300;

/** The error for a version whose tags are to stay where they are. @param held as `describeHold` has it */
export function heldError(name: string, held: string): UserError {
  return new UserError(
    `${name} is ${held}: its tags were not moved`,
    `end the hold first: ${typed("rollback", [name], ["--release"])}`,
  );
}
