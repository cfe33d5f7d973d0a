import { messageOf } from "../system/errors.ts";
import type { ManifestContent, Registry } from "./client.ts";
import type { CallOptions } from "./connection.ts";
import { TagsStuckError } from "./errors.ts";
import { putTag } from "./push.ts";

/**
 * Allows its bearer to move and remove tags. Only the door for tags (`scripts/app/tag-door.ts`) issues one, to what works
 * under the publish lock, and revokes it when that ends: so no tag moves without the lock.
 */
export class TagPermit {
  #isGood = true;

  /** Private, so that no other code can make one. */
  private constructor() {}

  /** @returns the permit, and what revokes it. Called by the door alone: a test looks for others. */
  static issue(): { readonly permit: TagPermit; readonly revoke: () => void } {
    const permit = new TagPermit();
    const revoke = () => {
      permit.#isGood = false;
    };
    return { permit, revoke };
  }

  /** @throws Error once it was revoked, which is a mistake in the program */
  require(): void {
    if (!this.#isGood) throw new Error("cannot move a tag: the publish lock has been released");
  }
}

/** A tag, and the manifest that it is to point at, which is in the repository already. */
export interface TagMove {
  readonly repository: string;
  readonly tag: string;
  readonly content: ManifestContent;
}

/** A move, and what the tag points at now; undefined where there is no such tag. */
export interface PlannedMove extends TagMove {
  readonly before: ManifestContent | undefined;
}

/** Finds out which tags have to move: those that are there already are left alone. @throws RegistryError */
export async function planMoves(
  registry: Registry,
  moves: readonly TagMove[],
  options: CallOptions = {},
): Promise<PlannedMove[]> {
  const before = await Promise.all(
    moves.map(({ repository, tag }) => registry.getManifest(repository, tag, options)),
  );
  return moves
    .map((move, at) => ({ ...move, before: before[at] }))
    .filter((move) => move.before?.digest !== move.content.digest);
}

/**
 * Moves tags, all of them or none: where one cannot be moved, those that were go back. No registry moves several tags as
 * one. All are sent at the same moment, each on a connection that planning has opened: a process that is killed has
 * sent either none of them or all.
 * @throws RegistryError of the tag that could not be moved; TagsStuckError where, after that, another could not go back
 */
export async function switchTags(
  registry: Registry,
  moves: readonly PlannedMove[],
  permit: TagPermit,
): Promise<void> {
  permit.require();
  // Few registries delete a tag that is new, so those that exist move first.
  const existing = moves.filter(({ before }) => before !== undefined);
  const made = moves.filter(({ before }) => before === undefined);
  const tried: PlannedMove[] = [];
  for (const together of [existing, made]) {
    tried.push(...together);
    const sent = await Promise.allSettled(
      together.map(({ repository, tag, content }) => putTag(registry, repository, tag, content)),
    );
    const failure = sent.find((result) => result.status === "rejected");
    if (!failure) continue;
    // All at once: each may have to wait for a registry that is gone.
    const stuck = (await Promise.all(tried.map((move) => goBack(registry, move)))).flat().join("; ");
    if (stuck === "") throw failure.reason;
    throw new TagsStuckError(
      `${messageOf(failure.reason)}\nthese tags had moved before that, and could not go back: ${stuck}`,
      { cause: failure.reason },
    );
  }
}

/** Puts a tag back to where it pointed. @returns why it could not be; nothing where it was */
async function goBack(registry: Registry, move: PlannedMove): Promise<string[]> {
  const { repository, tag, content, before } = move;
  try {
    const now = await registry.headManifest(repository, tag);
    // The one that was refused never moved.
    if (now?.digest !== content.digest) return [];
    if (before) await putTag(registry, repository, tag, before);
    else await registry.deleteManifest(repository, tag);
    return [];
  } catch (error) {
    return [`${tag} (${messageOf(error)})`];
  }
}
