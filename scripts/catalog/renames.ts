import { parseDependency } from "../formats/alpine/dependency.ts";
import { compareVersions } from "../formats/alpine/version.ts";

/** Name → the last branch on which it was called otherwise → its names there. */
export type Renames = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * The items of a world as a branch calls them. A version that an item is held to, and the `!` before it, are
 * carried over.
 */
export function renameWorld(world: readonly string[], branch: string, renames: Renames): string[] {
  return world.flatMap((item) => {
    const { name } = parseDependency(item);
    const others = namesOn(branch, renames[name] ?? {});
    return others ? others.map((other) => item.replace(name, other)) : [item];
  });
}

/** Of the branches that are not older than this one, the oldest tells. */
function namesOn(branch: string, byBranch: Renames[string]): readonly string[] | undefined {
  const until = Object.keys(byBranch)
    .filter((last) => compareVersions(branch, last) <= 0)
    .sort(compareVersions)[0];
  return until === undefined ? undefined : byBranch[until];
}
