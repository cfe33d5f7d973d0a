import type { Registry } from "../registry/client.ts";
import { TagsStuckError } from "../registry/errors.ts";
import type { Namespace } from "../registry/reference.ts";
import {
  type PlannedMove,
  planMoves,
  switchTags,
  type TagMove,
  type TagPermit,
} from "../registry/switch-tags.ts";
import { messageOf } from "../system/errors.ts";
import { describeHold, heldError, historyIn, holdAt } from "./history.ts";
import { type JournalContext, writeJournal } from "./journal.ts";
import { Histories, type HoldChange, type ImageMove, type Note } from "./remember.ts";

/** What is to happen to the tags of all variants of a version, whose content has arrived. */
export interface ReleaseMove {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly moves: readonly TagMove[];
  /** What the histories are to say. */
  readonly images: readonly ImageMove[];
  /** What is to be recorded of tags that are held, or no longer; then a hold that is there keeps none of them. */
  readonly holds?: readonly HoldChange[];
}

/** What moving tags needs. */
export interface MoveContext extends JournalContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
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
 * @throws RegistryError, UserError where a tag is held; then no tag has moved. TagsStuckError where some could not go
 *   back
 */
export async function moveRelease(release: ReleaseMove, context: MoveContext): Promise<PlannedMove[]> {
  const { name, holds = [] } = release;
  const { registry, permit, note } = context;
  const now = context.clock();
  const histories = new Histories(registry, note);
  await refuseHeld(release, histories, now);
  const moves = await planMoves(registry, release.moves);
  const images: ImageMove[] = [];
  for (const one of release.images) if (await histories.prepare(one, now)) images.push(one);
  const done = await writeJournal(context, name, now, {
    kind: "move",
    moves: moves.map(({ repository, tag, before, content }) => ({
      repository,
      tag,
      from: before?.digest,
      to: content.digest,
    })),
    images: images.map(({ repository, tag, image, keep }) => ({ repository, tag, image, keep })),
    holds: [...holds],
  });
  try {
    await switchTags(registry, moves, permit);
  } catch (error) {
    // With the tags back where they were there is nothing to finish. Where they are stuck, the next run finishes.
    if (!(error instanceof TagsStuckError)) await done();
    throw error;
  }
  try {
    await record({ images, holds }, now, histories);
  } catch (error) {
    const text = "its tags have moved, but its history could not be written; the next run writes it";
    note(`${name}: ${text}: ${messageOf(error)}`);
    return moves;
  }
  await done();
  return moves;
}

/** Whoever says what is to be held may move it; all others leave it where it is. @throws UserError, RegistryError */
async function refuseHeld(
  { name, images, holds }: ReleaseMove,
  histories: Histories,
  now: Date,
): Promise<void> {
  if (holds !== undefined) return;
  for (const { repository, tag } of images) {
    const { hold } = historyIn(await histories.find({ repository, tag }));
    const held = holdAt(hold, now);
    if (held) throw heldError(name, describeHold(held));
  }
}

/** Writes into histories what has happened. @throws RegistryError */
export async function record(
  { images, holds }: Required<Pick<ReleaseMove, "images" | "holds">>,
  now: Date,
  histories: Histories,
): Promise<void> {
  for (const one of images) await histories.remember(one, now);
  for (const one of holds) await histories.rememberHold(one);
}
