import { compareVersions } from "../formats/alpine/version.ts";
import { daysUntil } from "../model/end-of-life.ts";
import type { BranchChange } from "./change.ts";
import type { Branch } from "./releases.ts";
import type { WrittenCatalog } from "./written.ts";

/** What is known of Alpine's branches. */
export interface Branches {
  /** The names of those that are supported and that a version may be built on, newest first. */
  readonly supported: readonly string[];
  /** Name → the day on which it ends. */
  readonly ends: ReadonlyMap<string, string>;
  readonly changes: readonly BranchChange[];
}

/**
 * Compares the branches that a catalog names with those that there are. Pure. A catalog without branches takes
 * any; a new branch that belongs into the catalog above cannot be used before it is there.
 *
 * @param released the branches of releases.json; undefined where it is not known: then the catalog's word counts
 */
export function branchesOf(
  { entry, source, above }: WrittenCatalog,
  released: readonly Branch[] | undefined,
  today: Date,
): Branches {
  const known = Object.entries(entry.branches).map(([name, { eol }]) => ({ name, eol }));
  const ends = new Map([...known, ...(released ?? [])].map(({ name, eol }) => [name, eol]));
  const isSupported = (branch: string) => daysUntil(ends.get(branch) ?? "", today) > 0;
  const takesAny = known.length === 0;
  const placeOf = (path: readonly string[]) => (source.has(path) || !above ? {} : { above: above.file });
  const changes = (takesAny ? [] : (released ?? [])).flatMap(({ name, eol }): BranchChange[] => {
    const from = entry.branches[name]?.eol;
    if (from === undefined) {
      const why = `Alpine has a new branch, supported until ${eol}`;
      const place = placeOf(["branches"]);
      return isSupported(name) ? [{ kind: "branch", branch: name, to: eol, why, ...place }] : [];
    }
    const why = "Alpine's word on when it ends";
    return from === eol
      ? []
      : [{ kind: "branch", branch: name, from, to: eol, why, ...placeOf(["branches", name]) }];
  });
  const elsewhere = changes.filter(({ above, from }) => above !== undefined && from === undefined);
  const usable = [...ends.keys()].filter((name) => !elsewhere.some(({ branch }) => branch === name));
  return {
    supported: usable.filter((one) => isSupported(one)).sort((a, b) => compareVersions(b, a)),
    ends,
    changes,
  };
}
