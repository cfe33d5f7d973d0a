import { selectTargets } from "../catalog/select.ts";
import { type OldBuild, oldBuilds, removeBuild, takeInventory } from "../publish/prune.ts";
import { repositoryIn } from "../registry/reference.ts";
import { formatTable } from "../report/format.ts";
import type { WorldOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { withSession } from "./session.ts";

export interface PruneOptions extends WorldOptions {
  readonly dryRun: boolean;
}

/** Removes builds that are older than what the catalog says to keep, image by image. */
export async function prune(patterns: string[], options: PruneOptions): Promise<void> {
  await withSession(options, async ({ catalog, registry, namespace }) => {
    const images = new Set(selectTargets(catalog.targets, patterns).map(({ image }) => image));
    const old: OldBuild[] = [];
    for (const image of images) {
      const repository = repositoryIn(namespace, image);
      const targets = catalog.targets.filter((target) => target.image === image);
      old.push(...oldBuilds(repository, await takeInventory(registry, repository, targets)));
    }
    if (!options.dryRun) for (const build of old) await removeBuild(registry, build);
    printResult(
      options,
      () => pruneText(old, options.dryRun),
      () => ({ pruned: old }),
    );
  });
}

function pruneText(old: readonly OldBuild[], dryRun: boolean): string {
  if (old.length === 0) return "Nothing to remove: no build is older than what the catalog keeps.";
  const rows = old.map(({ repository, tag, digest }) => [repository, tag, digest.slice(0, SHORT)]);
  const end = dryRun
    ? `Nothing was removed: ${old.length} builds would be.`
    : `${old.length} builds removed. Their layers go when the registry next collects its garbage.`;
  return `${formatTable([["REPOSITORY", "TAG", "DIGEST"], ...rows])}\n\n${end}`;
}

/** `sha256:` and twelve digits. */
const SHORT = 19;
