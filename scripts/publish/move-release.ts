import type { Descriptor } from "../formats/oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { TagsStuckError } from "../registry/errors.ts";
import type { Namespace } from "../registry/reference.ts";
import { type PlannedMove, planMoves, switchPlanned, type TagMove } from "../registry/switch-tags.ts";
import type { TagPermit } from "../registry/tag-permit.ts";
import { messageOf } from "../system/errors.ts";
import type { Hold } from "./hold.ts";
import { writeJournal } from "./journal.ts";
import { type Note, prepareHistory, remember, rememberHold } from "./remember.ts";

/** What is to happen to the tags of all variants of a version, whose content has arrived. */
export interface ReleaseMove {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly moves: readonly TagMove[];
  /** What the histories are to say; see `Publication`. */
  readonly images: readonly ImageMove[];
  /** What is to be recorded of tags that are held, or no longer; then a hold that is there keeps none of them. */
  readonly holds?: readonly HoldChange[];
}

/** An image that a history is to name. */
export interface ImageMove {
  readonly repository: string;
  readonly tag: string;
  readonly image: Descriptor;
  readonly keep: number;
  readonly confirm: boolean;
}

/** A tag that is to be held where it is put; undefined ends a hold. */
export interface HoldChange {
  readonly repository: string;
  readonly tag: string;
  readonly hold: Hold | undefined;
}

/** What moving tags needs of the world. */
export interface MoveContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** Directory for what is to be finished after a crash. */
  readonly journals: string;
  /** Now, for the history. */
  readonly clock: () => Date;
  /** Names us among the holders of the lock. */
  readonly holder: string;
  readonly permit: TagPermit;
  readonly note: Note;
}

/** Whoever may move tags has got this from the door. */
export interface TagMover {
  /**
   * Moves the tags of a release, all or none, and writes their histories.
   * @returns the moves that there were: a tag that is there already is left alone
   * @throws LockedError when somebody else has the lock by now, UserError where a tag is held or no image's to have,
   *   RegistryError; then no tag has moved. TagsStuckError where some could not go back
   */
  moveRelease(release: ReleaseMove): Promise<PlannedMove[]>;
}

/**
 * Moves the tags of a release, all or none, and writes their histories; what a crash leaves of it, `recover` finishes.
 * Once its tags have moved, a release is published: a history that cannot be written then is noted, and left to the next
 * run.
 * @returns the moves that there were: a tag that is there already is left alone
 * @throws RegistryError; then no tag has moved. TagsStuckError where some could not go back
 */
export async function moveRelease(release: ReleaseMove, context: MoveContext): Promise<PlannedMove[]> {
  const { name, moves: wanted, holds = [] } = release;
  const { registry, namespace, journals, clock, holder, permit } = context;
  const now = clock();
  const moves = await planMoves(registry, wanted);
  const images = await keptImages(release, now, context);
  const done = await writeJournal(journals, {
    version: 2,
    kind: "move",
    registry: registry.host,
    ...{ namespace: namespace.path, release: name, at: now.toISOString(), holder },
    moves: moves.map(({ repository, tag, before, content }) => ({
      ...{ repository, tag, to: content.digest },
      ...(before && { from: before.digest }),
    })),
    images: images.map(({ repository, tag, image, keep }) => ({ repository, tag, image, keep })),
    holds: holds.map(({ hold, ...tag }) => ({
      ...tag,
      hold: hold ? { ...hold, until: hold.until.toISOString() } : null,
    })),
  });
  try {
    await switchPlanned(registry, moves, permit);
  } catch (error) {
    // With the tags back where they were there is nothing to finish. Where they are stuck, the next run finishes.
    if (!(error instanceof TagsStuckError)) await done();
    throw error;
  }
  try {
    await record({ images, holds }, now, context);
  } catch (error) {
    const text = `its tags have moved, but its history could not be written, and the next run does it`;
    context.note(`${name}: ${text}: ${messageOf(error)}`);
    return moves;
  }
  await done();
  return moves;
}

/** The images whose histories the registry keeps. */
async function keptImages(
  { images }: ReleaseMove,
  now: Date,
  { registry, note }: MoveContext,
): Promise<ImageMove[]> {
  const kept: ImageMove[] = [];
  for (const one of images) {
    const { repository, tag } = one;
    if (await prepareHistory({ registry, repository, tag }, { ...one, now }, note)) kept.push(one);
  }
  return kept;
}

/** Writes down what has happened. @throws RegistryError */
export async function record(
  {
    images,
    holds,
  }: { readonly images: readonly Omit<ImageMove, "confirm">[] } & Required<Pick<ReleaseMove, "holds">>,
  now: Date,
  { registry, note }: Pick<MoveContext, "registry" | "note">,
): Promise<void> {
  for (const { repository, tag, ...publication } of images) {
    await remember({ registry, repository, tag }, { ...publication, now }, note);
  }
  for (const { repository, tag, hold } of holds) {
    await rememberHold({ registry, repository, tag }, hold, note);
  }
}
