import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { type Session, withSession } from "../app/session.ts";
import { BRIEF_LEASE, throughTagDoor } from "../app/tag-door.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { type OldBuild, oldBuilds, takeInventory } from "../publish/prune.ts";
import { digestsInJournals } from "../publish/recover.ts";
import { repositoryIn } from "../registry/reference.ts";
import { count, formatDigest, formatProse, formatTable } from "../system/shown/format.ts";

export interface PruneOptions extends SessionOptions {
  readonly dryRun: boolean;
}

/** Removes builds that are older than what the catalog says to keep, image by image. */
export async function prune(patterns: string[], options: PruneOptions): Promise<void> {
  await withSession(options, async (session) => {
    const images = new Set(selectTargets(session.catalog.targets, patterns).map(({ image }) => image));
    const old = options.dryRun ? await look(session, images) : await remove(session, images);
    printResult(
      options,
      (width) => pruneText(old, options.dryRun, width),
      () => ({ pruned: old }),
    );
  });
}

async function look(session: Session, images: ReadonlySet<string>): Promise<OldBuild[]> {
  await notePending(session);
  const named = await digestsInJournals(session.journals, session.namespace);
  const old = [...images].map((image) => findOld(session, image, named));
  return (await Promise.all(old)).flat();
}

/** Under the lock: what is published meanwhile must not be taken for old. */
function remove(session: Session, images: ReadonlySet<string>): Promise<OldBuild[]> {
  return throughTagDoor(session, {
    lease: BRIEF_LEASE,
    plan: async () => images,
    work: async (_, door) => {
      const removed: OldBuild[] = [];
      for (const image of images) {
        door.session.signal.throwIfAborted();
        const old = await findOld(door.session, image, door.digestsInJournals);
        await door.removeBuilds(repositoryIn(session.namespace, image), old);
        removed.push(...old);
      }
      return removed;
    },
  });
}

async function findOld(
  { catalog, registry, namespace }: Session,
  image: string,
  named: ReadonlySet<string>,
): Promise<OldBuild[]> {
  const repository = repositoryIn(namespace, image);
  const targets = catalog.targets.filter((target) => target.image === image);
  return oldBuilds(repository, await takeInventory(registry, repository, targets, named));
}
/** What was, or would be, removed. @param width of a line, in characters */
export function pruneText(old: readonly OldBuild[], dryRun: boolean, width?: number): string {
  if (old.length === 0)
    return formatProse("Nothing to remove: no build is older than what the catalog keeps.", width);
  const rows = old.map(({ repository, tag, digest }) => [repository, tag, formatDigest(digest)]);
  const end = dryRun
    ? `Dry run: no builds were removed; ${count(old.length, "build")} would be.`
    : `${count(old.length, "build")} removed. Layers that nothing else uses go when the registry next collects its garbage.`;
  return `${formatTable([["REPOSITORY", "TAG", "DIGEST"], ...rows], width)}\n\n${formatProse(end, width)}`;
}
