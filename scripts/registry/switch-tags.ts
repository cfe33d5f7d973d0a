import { messageOf } from "../system/errors.ts";
import type { ManifestContent, Registry } from "./client.ts";
import { moveTag } from "./push.ts";

/** A tag, and the manifest that it is to point at, which is in the repository already. */
export interface TagMove {
  readonly repository: string;
  readonly tag: string;
  readonly content: ManifestContent;
}

interface Planned extends TagMove {
  /** What it points at now; undefined where there is no such tag. */
  readonly before: ManifestContent | undefined;
}

/**
 * Moves tags, all of them or none: where one cannot be moved, those that were go back. Tags that are there
 * already are left alone. No registry moves several tags as one, so for the moment that it takes some are new.
 *
 * @throws RegistryError of the tag that could not be moved. Error where, after that, another could not go back
 */
export async function switchTags(registry: Registry, moves: readonly TagMove[]): Promise<void> {
  const planned = await Promise.all(
    moves.map(async (move) => ({ ...move, before: await registry.getManifest(move.repository, move.tag) })),
  );
  const changing = planned.filter(({ before, content }) => before?.digest !== content.digest);
  // A tag that is made can seldom be taken away again, so those that exist come first.
  const inOrder = [
    ...changing.filter(({ before }) => before !== undefined),
    ...changing.filter(({ before }) => before === undefined),
  ];
  const tried: Planned[] = [];
  try {
    for (const move of inOrder) {
      tried.push(move);
      await moveTag(registry, move.repository, move.tag, move.content);
    }
  } catch (error) {
    const stuck = await goBack(registry, tried.toReversed());
    if (stuck.length === 0) throw error;
    throw new Error(
      `${messageOf(error)}\nand these tags, moved before that, could not go back: ${stuck.join("; ")}`,
      { cause: error },
    );
  }
}

/** Puts tags back to where they pointed. @returns those that could not be, and why */
async function goBack(registry: Registry, moved: readonly Planned[]): Promise<string[]> {
  const stuck: string[] = [];
  for (const { repository, tag, content, before } of moved) {
    try {
      const now = await registry.headManifest(repository, tag);
      // The one that was refused never moved.
      if (now?.digest !== content.digest) continue;
      if (before) await moveTag(registry, repository, tag, before);
      else await registry.deleteManifest(repository, tag);
    } catch (error) {
      stuck.push(`${tag} (${messageOf(error)})`);
    }
  }
  return stuck;
}
