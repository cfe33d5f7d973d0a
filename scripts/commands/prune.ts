import { selectTargets } from "../catalog/select.ts";
import { type OldBuild, oldBuilds, removeBuild, takeInventory } from "../publish/prune.ts";
import { repositoryIn } from "../registry/reference.ts";
import { count, formatDigest, formatProse, formatTable } from "../report/format.ts";
import type { WorldOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { withSession } from "./session.ts";
import { BRIEF_LEASE, peekLock, withLock } from "./with-lock.ts";

export interface PruneOptions extends WorldOptions {
  readonly dryRun: boolean;
}

/** Removes builds that are older than what the catalog says to keep, image by image. */
export async function prune(patterns: string[], options: PruneOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { catalog, registry, namespace } = session;
    // What is published meanwhile must not be taken for old.
    const peeked = options.dryRun ? undefined : await peekLock(session);
    const images = new Set(selectTargets(catalog.targets, patterns).map(({ image }) => image));
    const find = async () => {
      const old: OldBuild[] = [];
      for (const image of images) {
        const repository = repositoryIn(namespace, image);
        const targets = catalog.targets.filter((target) => target.image === image);
        old.push(...oldBuilds(repository, await takeInventory(registry, repository, targets)));
      }
      return old;
    };
    const remove = async () => {
      const old = await find();
      for (const build of old) await removeBuild(registry, build);
      return old;
    };
    const old = options.dryRun ? await find() : await withLock(session, BRIEF_LEASE, peeked, remove);
    printResult(
      options,
      (width) => pruneText(old, options.dryRun, width),
      () => ({ pruned: old }),
    );
  });
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
