import type { Namespace } from "../registry/reference.ts";
import { planMoves, switchTags, type TagMove } from "../registry/switch-tags.ts";
import { messageOf } from "../system/errors.ts";
import { type FoundJournal, type MoveJournal, readJournals, removeTorn } from "./journal.ts";
import { type MoveContext, record } from "./move-release.ts";
import { finishRemoval } from "./prune.ts";
import { Histories, refusesContent } from "./remember.ts";

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
  for (const found of await readJournals(journals, namespace)) {
    if (others.includes(found.journal.holder)) continue;
    const { release, kind } = found.journal;
    const removed = kind === "removal" && { removed: 0 };
    const skippedBecause = (error: unknown) => ({
      release,
      moved: [],
      ...removed,
      skippedBecause: messageOf(error),
    });
    recoveries.push(await finish(found, context).catch(skippedBecause));
  }
  return recoveries;
}

/** All digests that unfinished journals of a namespace name: none of them may be removed. */
export async function digestsInJournals(directory: string, namespace: Namespace): Promise<Set<string>> {
  const digests = (await readJournals(directory, namespace)).flatMap(({ journal }) => {
    if (journal.kind === "removal") return [];
    return [
      ...journal.moves.flatMap(({ from, to }) => (from === undefined ? [to] : [from, to])),
      ...journal.images.map(({ image }) => image.digest),
    ];
  });
  return new Set(digests);
}

async function finish({ journal, remove }: FoundJournal, context: RecoverContext): Promise<Recovery> {
  const { release } = journal;
  if (journal.kind === "removal") {
    const removed = await finishRemoval(journal, context);
    await remove();
    return { release, moved: [], removed, skippedBecause: undefined };
  }
  const pending = await pendingMoves(journal, context);
  if (typeof pending === "string") {
    await remove();
    return { release, moved: [], skippedBecause: pending };
  }
  await switchTags(context.registry, await planMoves(context.registry, pending), context.permit);
  await finishRecord(journal, context);
  await remove();
  return { release, moved: pending.map(({ tag }) => tag), skippedBecause: undefined };
}

/** A registry that takes no history is not asked again by every later run. */
async function finishRecord(journal: MoveJournal, { registry, note }: RecoverContext): Promise<void> {
  try {
    await record(journal, new Date(journal.at), new Histories(registry, note));
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
