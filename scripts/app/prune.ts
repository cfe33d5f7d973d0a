import { selectTargets } from "../catalog/targets/select.ts";
import type { Catalog } from "../model/target.ts";
import { digestsInJournals } from "../publish/journal.ts";
import { type OldBuild, oldBuilds, takeInventory, withAttached } from "../publish/prune.ts";
import { repositoryIn } from "../registry/reference.ts";
import { notePending } from "./pending.ts";
import { type DoorSession, throughTagDoor } from "./tag-door.ts";

type PruneSession = DoorSession & { readonly catalog: Catalog };

/** The builds that are older than what the catalog keeps; removes nothing. @throws RegistryError */
export async function findOldBuilds(session: PruneSession, patterns: readonly string[]): Promise<OldBuild[]> {
  await notePending(session);
  const named = await digestsInJournals(session.journals, session.namespace);
  const old = imagesIn(session, patterns).map((image) => oldBuildsOf(session, image, named));
  return (await Promise.all(old)).flat();
}

/**
 * Removes them, image by image, under the lock: what is published meanwhile must not be taken for old.
 * @throws LockedError, RegistryError
 */
export function removeOldBuilds(session: PruneSession, patterns: readonly string[]): Promise<OldBuild[]> {
  const { registry } = session;
  return throughTagDoor(session, {
    plan: async () => imagesIn(session, patterns),
    work: async (images, door) => {
      const named = await digestsInJournals(session.journals, session.namespace);
      const removed: OldBuild[] = [];
      for (const image of images) {
        door.session.signal.throwIfAborted();
        const old = await withAttached(registry, await oldBuildsOf(door.session, image, named));
        await door.removeBuilds(repositoryIn(session.namespace, image), old);
        removed.push(...old);
      }
      return removed;
    },
  });
}

function imagesIn({ catalog }: PruneSession, patterns: readonly string[]): string[] {
  return [...new Set(selectTargets(catalog.targets, patterns).map(({ image }) => image))];
}

/** @param named by unfinished journals: like what tags and histories name, it must not be removed */
async function oldBuildsOf(
  { catalog, registry, namespace }: PruneSession,
  image: string,
  named: ReadonlySet<string>,
): Promise<OldBuild[]> {
  const repository = repositoryIn(namespace, image);
  const targets = catalog.targets.filter((target) => target.image === image);
  return oldBuilds(repository, await takeInventory(registry, repository, targets, named));
}
