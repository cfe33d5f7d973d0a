import type { Descriptor } from "../oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { TagsStuckError } from "../registry/errors.ts";
import { type PlannedMove, planMoves, switchPlanned, type TagMove } from "../registry/switch-tags.ts";
import { remember, saysNoHistory } from "./history.ts";
import { writeJournal } from "./journal.ts";

/** What is to happen to the tags of all variants of a version, whose content has arrived. */
export interface ReleaseMove {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly moves: readonly TagMove[];
  /** What the histories are to say; see `Publication`. */
  readonly images: readonly {
    readonly repository: string;
    readonly tag: string;
    readonly image: Descriptor;
    readonly keep: number;
    readonly confirm: boolean;
  }[];
}

/** What moving tags needs of the world. */
export interface MoveContext {
  readonly registry: Registry;
  /** Directory for what is to be finished after a crash. */
  readonly journals: string;
  /** Now, for the history. */
  readonly clock: () => Date;
  /** Told what people should know, and nothing fails by. */
  readonly note?: ((text: string) => void) | undefined;
}

/**
 * Moves the tags of a release, all or none, and writes their histories; what a crash leaves of it, `recover` finishes.
 * @returns the moves that there were: a tag that is there already is left alone
 * @throws RegistryError; then no tag has moved. TagsStuckError where some could not go back
 */
export async function moveRelease(
  { name, moves: wanted, images }: ReleaseMove,
  { registry, journals, clock, note }: MoveContext,
): Promise<PlannedMove[]> {
  const now = clock();
  const moves = await planMoves(registry, wanted);
  for (const { repository, tag, ...publication } of images) {
    const text = await saysNoHistory(registry, repository, tag, { ...publication, now });
    if (text !== undefined) note?.(text);
  }
  const done = await writeJournal(journals, {
    version: 1,
    registry: registry.host,
    release: name,
    at: now.toISOString(),
    moves: moves.map(({ repository, tag, before, content }) => ({
      ...{ repository, tag, to: content.digest },
      ...(before && { from: before.digest }),
    })),
    images: images.map(({ repository, tag, image, keep }) => ({ repository, tag, image, keep })),
  });
  try {
    await switchPlanned(registry, moves);
  } catch (error) {
    // With the tags back where they were there is nothing to finish. Where they are stuck, the next run finishes.
    if (!(error instanceof TagsStuckError)) await done();
    throw error;
  }
  for (const { repository, tag, ...publication } of images) {
    await remember(registry, repository, tag, { ...publication, now });
  }
  await done();
  return moves;
}
