import { TagsStuckError } from "../registry/errors.ts";
import { type PlannedMove, planMoves, switchTags, type TagMove } from "../registry/switch-tags.ts";
import { messageOf } from "../system/errors.ts";
import { describeHold, heldError, historyIn, holdAt } from "./history.ts";
import { type MoveJournal, readJournals, removeTorn, type TagContext, writeJournal } from "./journal.ts";
import { finishRemoval } from "./prune.ts";
import {
  Histories,
  type HoldChange,
  type ImageMove,
  type Note,
  type ReturnedImage,
  refusesContent,
} from "./remember.ts";
import { EndMarks } from "./superseded.ts";

/** What is to happen to the tags of all variants of a version, whose content has arrived. */
export interface ReleaseMove {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly moves: readonly TagMove[];
  /** What the histories are to say. */
  readonly images: readonly ImageMove[];
  /** What is to be recorded of tags that are held, or no longer; then a hold that is there keeps none of them. */
  readonly holds?: readonly HoldChange[];
  /** What tags go back to: it is superseded no longer. */
  readonly again?: readonly ReturnedImage[];
}

/** What moving tags needs. */
export interface MoveContext extends TagContext {
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
 * As `TagMover` says; what a crash leaves of it, `recover` finishes. Once its tags have moved, a release is published: a
 * history that cannot be written then is noted, and left to the next run.
 */
export async function moveRelease(release: ReleaseMove, context: MoveContext): Promise<PlannedMove[]> {
  const { name, holds = [], again = [] } = release;
  const { registry, permit, note } = context;
  const now = context.clock();
  const marks = new EndMarks(context);
  const histories = new Histories(registry, note, marks);
  await refuseHeld(release, histories, now);
  const moves = await planMoves(registry, release.moves);
  const images: ImageMove[] = [];
  for (const one of release.images) if (await histories.prepare(one, now)) images.push(one);
  const done = await writeJournal(context, name, now, {
    kind: "move",
    moves: moves.map(({ before, content, ...place }) => ({
      ...place,
      from: before?.digest,
      to: content.digest,
    })),
    images: images.map(({ repository, tag, image, keep }) => ({ repository, tag, image, keep })),
    holds: [...holds],
    again: again.map(({ repository, tag, image }) => ({ repository, tag, image })),
  });
  try {
    await switchTags(registry, moves, permit);
  } catch (error) {
    // With the tags back where they were there is nothing to finish. Where they are stuck, the next run finishes.
    if (!(error instanceof TagsStuckError)) await done();
    throw error;
  }
  try {
    await record({ images, holds, again }, now, histories);
  } catch (error) {
    const text = "its tags have moved, but its history could not be written; the next run writes it";
    note(`${name}: ${text}: ${messageOf(error)}`);
    return moves;
  }
  await done();
  const unkept = release.images.filter((one) => !images.includes(one));
  await markReplaced(unkept, moves, marks, now);
  return moves;
}

/** Where no history is kept, what a tag pointed at just now is all that is known to be superseded. */
async function markReplaced(
  images: readonly ImageMove[],
  moves: readonly PlannedMove[],
  marks: EndMarks,
  now: Date,
): Promise<void> {
  for (const { repository, tag, image } of images) {
    const before = moves.find((move) => move.repository === repository && move.tag === tag)?.before;
    if (!before) continue;
    const { mediaType, digest, bytes } = before;
    const entry = { image: { mediaType, digest, size: bytes.length }, created: now, confirmed: now };
    await marks.settle(repository, image, [entry], now);
  }
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
async function record(
  { images, holds, again }: Required<Pick<ReleaseMove, "images" | "holds" | "again">>,
  now: Date,
  histories: Histories,
): Promise<void> {
  for (const one of images) await histories.remember(one, now);
  for (const one of holds) await histories.rememberHold(one);
  for (const one of again) await histories.revive(one);
}

/** What became of a release whose run was killed. */
export interface Recovery {
  readonly release: string;
  /** Tags that still had to be moved. */
  readonly moved: readonly string[];
  /** Of builds that were being removed: how many manifests still had to go. */
  readonly removed?: number;
  /** Why nothing could be done: somebody else moved a tag since, or the images are gone. */
  readonly skippedBecause: string | undefined;
}

/** What recovering needs. */
export interface RecoverContext extends Omit<MoveContext, "clock" | "holder"> {
  /** Other jobs of our run that hold the lock with us: their journals are theirs to finish. */
  readonly others?: readonly string[];
}

/**
 * Finishes what an earlier run had begun to publish or remove when it was killed: the tags that it had not moved yet,
 * and the history. A tag that points at neither the old nor the new image was moved by somebody else since: then nothing
 * is touched. Where the registry refuses, the journal stays for the next run, and the other journals are finished.
 */
export async function recover(context: RecoverContext): Promise<Recovery[]> {
  const { journals, namespace, others = [] } = context;
  await removeTorn(journals);
  const recoveries: Recovery[] = [];
  for (const { journal, remove } of await readJournals(journals, namespace)) {
    if (others.includes(journal.holder)) continue;
    const nothing = {
      release: journal.release,
      moved: [],
      ...(journal.kind === "removal" && { removed: 0 }),
      skippedBecause: undefined,
    };
    try {
      const done: Partial<Recovery> =
        journal.kind === "removal"
          ? { removed: await finishRemoval(journal, context) }
          : await finishMove(journal, context);
      await remove();
      recoveries.push({ ...nothing, ...done });
    } catch (error) {
      recoveries.push({ ...nothing, skippedBecause: messageOf(error) });
    }
  }
  return recoveries;
}

async function finishMove(journal: MoveJournal, context: RecoverContext): Promise<Partial<Recovery>> {
  const pending = await pendingMoves(journal, context);
  if (typeof pending === "string") return { skippedBecause: pending };
  await switchTags(context.registry, await planMoves(context.registry, pending), context.permit);
  await finishRecord(journal, context);
  return { moved: pending.map(({ tag }) => tag) };
}

/** A registry that takes no history is not asked again by every later run. */
async function finishRecord(journal: MoveJournal, context: RecoverContext): Promise<void> {
  const { registry, note } = context;
  try {
    await record(journal, new Date(journal.at), new Histories(registry, note, new EndMarks(context)));
  } catch (error) {
    if (!refusesContent(error)) throw error;
    note(
      `${journal.release}: its tags have moved, but the registry does not take its history: ${messageOf(error)}`,
    );
  }
}

/** The moves that are still to be made, or why there are none to make. */
async function pendingMoves(
  { moves }: MoveJournal,
  { registry }: RecoverContext,
): Promise<TagMove[] | string> {
  const pending: TagMove[] = [];
  for (const { repository, tag, from, to } of moves) {
    const now = await registry.headManifest(repository, tag);
    if (now?.digest === to) continue;
    if (now?.digest !== from) return `${tag} has been moved by somebody else since`;
    const content = await registry.getManifest(repository, to);
    if (!content) return `the registry no longer has ${to}`;
    pending.push({ repository, tag, content });
  }
  return pending;
}
