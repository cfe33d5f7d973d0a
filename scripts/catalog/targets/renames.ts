import { parseDependency } from "../../formats/alpine/dependency.ts";
import { compareVersions } from "../../formats/alpine/version.ts";

/** Name → the last branch on which it was called otherwise → its names there. */
export type Renames = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * The items of a world as a branch calls them. A version that an item is held to, and the `!` before it, are
 * carried over.
 */
export function renameWorld(world: readonly string[], branch: string, renames: Renames): string[] {
  const renamed = renamedOn(branch, renames);
  if (renamed.size === 0) return [...world];
  return world.flatMap((item) => {
    const { name } = parseDependency(item);
    return renamed.get(name)?.map((other) => item.replace(name, other)) ?? [item];
  });
}

/** A catalog has hundreds of targets on a few branches: what these rename is found out once. */
const renamedByBranch = new WeakMap<Renames, Map<string, ReadonlyMap<string, readonly string[]>>>();

/** What a branch calls otherwise: name → its names there. */
function renamedOn(branch: string, renames: Renames): ReadonlyMap<string, readonly string[]> {
  const byBranch = renamedByBranch.get(renames) ?? new Map<string, ReadonlyMap<string, readonly string[]>>();
  renamedByBranch.set(renames, byBranch);
  const known = byBranch.get(branch);
  if (known) return known;
  const renamed = Object.entries(renames).flatMap(([name, others]) => {
    const names = namesOn(branch, others);
    return names ? [[name, names] as const] : [];
  });
  const found = new Map(renamed);
  byBranch.set(branch, found);
  return found;
}

/** Of the branches that are not older than this one, the oldest tells. */
function namesOn(branch: string, byBranch: Renames[string]): readonly string[] | undefined {
  const until = Object.keys(byBranch)
    .filter((last) => compareVersions(branch, last) <= 0)
    .sort(compareVersions)[0];
  return until === undefined ? undefined : byBranch[until];
}
