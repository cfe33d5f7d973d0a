import type { Registry } from "../registry/client.ts";
import { switchTags, type TagMove } from "../registry/switch-tags.ts";
import { messageOf } from "../system/errors.ts";
import { remember } from "./history.ts";
import { type FoundJournal, type Journal, readJournals } from "./journal.ts";

/** What became of a release that a run was killed over. */
export interface Recovery {
  readonly release: string;
  /** Tags that still had to be moved. */
  readonly moved: readonly string[];
  /** Why nothing could be done: somebody else moved a tag since, or the images are gone. */
  readonly given: string | undefined;
}

/**
 * Finishes what an earlier run had begun to publish when it was killed: the tags that it had not come to, and the
 * history. A tag that points at neither the old nor the new image was moved by somebody else, who knows better:
 * then nothing is touched. Where the registry refuses, the journal stays for the next run, and others go on.
 * @param directory of the journals
 */
export async function recover(registry: Registry, directory: string): Promise<Recovery[]> {
  const recoveries: Recovery[] = [];
  for (const found of await readJournals(directory)) {
    if (found.journal.registry !== registry.host) continue;
    const { release } = found.journal;
    const given = (error: unknown) => ({ release, moved: [], given: messageOf(error) });
    recoveries.push(await finish(registry, found).catch(given));
  }
  return recoveries;
}

async function finish(registry: Registry, { journal, remove }: FoundJournal): Promise<Recovery> {
  const { release } = journal;
  const pending = await pendingMoves(registry, journal);
  if (typeof pending === "string") {
    await remove();
    return { release, moved: [], given: pending };
  }
  await switchTags(registry, pending);
  for (const { repository, tag, image, keep } of journal.images) {
    await remember(registry, repository, tag, { image, now: new Date(journal.at), keep });
  }
  await remove();
  return { release, moved: pending.map(({ tag }) => tag), given: undefined };
}

/** The moves that are still to be made, or why there are none to make. */
async function pendingMoves(registry: Registry, { moves }: Journal): Promise<TagMove[] | string> {
  const pending: TagMove[] = [];
  for (const { repository, tag, from, to } of moves) {
    const now = await registry.headManifest(repository, tag);
    if (now?.digest === to) continue;
    if (now?.digest !== from) return `${tag} has been moved by somebody else since`;
    const content = await registry.getManifest(repository, to);
    if (!content) return `the registry has ${to} no longer`;
    pending.push({ repository, tag, content });
  }
  return pending;
}
