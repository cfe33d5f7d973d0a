import { compareVersions } from "../formats/alpine/version.ts";
import { daysUntil } from "../model/end-of-life.ts";
import type { Offers } from "./carriers.ts";
import type { AlpineBranch } from "./releases.ts";
import type { VersionName, WrittenCatalog } from "./written.ts";

/** All that proposals are made from, as it was read. */
export interface Situation {
  readonly written: WrittenCatalog;
  readonly branches: Branches;
  /** Of the supported branches that could be asked. */
  readonly offers: Offers;
  readonly today: Date;
  /** Whether a version was asked for; without `version`, whether the image as a whole was. */
  readonly isChosen: (name: { readonly image: string; readonly version?: string }) => boolean;
}

/** Whether the mirror holds only a part of Alpine, as the sandbox does: then what it lacks proves nothing. */
export function isPartial({ written }: Situation): boolean {
  return written.entry.sources.mayLack !== undefined;
}

/** A version goes to another branch: the newest supported one that still carries it. */
export interface Move extends VersionName {
  readonly kind: "move";
  /** Branches. */
  readonly from: string;
  readonly to: string;
  /** There the image's own package has it, so that the one of this version goes: such as `nodejs-current`. */
  readonly package?: { readonly from: string; readonly to: string };
  /** Versions that take their branch from this one and move with it: `kotlin:25`. */
  readonly along: readonly string[];
  readonly why: string;
  readonly above?: string;
}

/** A newer version that a supported branch carries and the catalog has not. */
export interface NewVersion extends VersionName {
  readonly kind: "new-version";
  readonly branch: string;
  /** The image takes the version over from the one that it extends: its entry need not say the branch. */
  readonly inherited: boolean;
  /** Where it is not the image's: such as `nodejs-current`. */
  readonly package?: string;
  readonly why: string;
}

/** A branch that the catalog does not know, or that ends, or whose community ends, on another day than it says. */
export interface BranchChange {
  readonly kind: "branch";
  readonly branch: string;
  /** What ends then, where that is not all of it. */
  readonly repository?: "community";
  /** Of a new branch: the day on which community ends, where that is known. */
  readonly community?: string;
  /** Days, as `2027-05-01`; without `from` the branch is new. */
  readonly from?: string;
  readonly to: string;
  readonly why: string;
  readonly above?: string;
}

/** A version that has ended, and that no supported branch carries: there is nothing to edit. */
export interface Ended extends VersionName {
  readonly kind: "ended";
  readonly branch: string;
  /** The day from which it is archived. */
  readonly since: string;
  readonly why: string;
}

/** What a person has to look at: `update` knows no correct edit. */
export interface Hint extends VersionName {
  readonly kind: "hint";
  readonly why: string;
}

/** A change that is made in the catalog's text. */
export type Edit = Move | NewVersion | BranchChange;

/**
 * What `update` found. `above` names the catalog that this one extends, where the change belongs there: only
 * what stands in the catalog's own file is edited.
 */
export type Change = Edit | Ended | Hint;

/** Whether a change can be made in the catalog's own file. */
export function isEdit(change: Change): change is Edit {
  if (change.kind === "new-version") return true;
  return (change.kind === "move" || change.kind === "branch") && change.above === undefined;
}

/** What a person decides before changes are merged. */
export interface Decisions {
  /** Tags that go to another version, such as `latest`. */
  readonly moved: readonly {
    readonly image: string;
    readonly tag: string;
    readonly from: string;
    readonly to: string;
  }[];
  /** New versions, each with where its makers tell what is new in it. */
  readonly added: readonly (VersionName & { readonly news?: string })[];
}

/** A version, and the supported branches that carry it, newest first. */
export interface Carried extends VersionName {
  readonly branch: string;
  readonly carriers: readonly string[];
}

/** Whether a branch is one that the catalog does not know. */
export function isNewBranch({ from, repository }: BranchChange): boolean {
  return from === undefined && repository === undefined;
}

/** What is known of Alpine's branches. */
export interface Branches {
  /** The names of those that are supported and that a version may be built on, newest first. */
  readonly supported: readonly string[];
  /** Name → the day on which it ends. */
  readonly ends: ReadonlyMap<string, string>;
  /** Name → the day on which its community ends, where that is known. */
  readonly communityEnds: ReadonlyMap<string, string>;
  readonly changes: readonly BranchChange[];
}

/**
 * Compares the branches that a catalog names with those that there are. Pure. A catalog without branches allows
 * any; a new branch that belongs into the parent catalog cannot be used before it is there.
 * @param released the branches of releases.json; none where it is not known: then what the catalog says counts
 */
export function branchesOf(
  { entry, source, parent }: WrittenCatalog,
  released: readonly AlpineBranch[],
  today: Date,
): Branches {
  const known = Object.entries(entry.branches).map(([name, { eol, community }]) => ({
    name,
    eol,
    community,
  }));
  const all = [...known, ...released];
  const ends = new Map(all.map(({ name, eol }) => [name, eol]));
  const communityEnds = new Map(
    all.flatMap(({ name, community }) => (community === undefined ? [] : [[name, community] as const])),
  );
  const isSupported = (branch: string) => daysUntil(ends.get(branch) ?? "", today) > 0;
  const placeOf = (path: readonly string[]) => (source.has(path) || !parent ? {} : { above: parent.file });
  const changes = (known.length === 0 ? [] : released).flatMap(({ name, eol, community }): BranchChange[] => {
    const there = entry.branches[name];
    const change = { kind: "branch", branch: name } as const;
    if (there === undefined) {
      const why = `Alpine has a new branch, supported until ${eol}`;
      const ofCommunity = community === undefined ? {} : { community };
      return isSupported(name) ? [{ ...change, to: eol, ...ofCommunity, why, ...placeOf(["branches"]) }] : [];
    }
    const place = placeOf(["branches", name]);
    const changes: BranchChange[] = [];
    if (there.eol !== eol) {
      const why = "Alpine says that its support ends then";
      changes.push({ ...change, from: there.eol, to: eol, why, ...place });
    }
    // Of a branch that has ended as a whole it makes no difference.
    if (community !== undefined && there.community !== community && isSupported(name)) {
      const from = there.community === undefined ? {} : { from: there.community };
      const why = "Alpine says that its community ends then, as the next branch comes";
      changes.push({ ...change, repository: "community", ...from, to: community, why, ...place });
    }
    return changes;
  });
  const elsewhere = changes.filter((one) => one.above !== undefined && isNewBranch(one));
  const usable = [...ends.keys()].filter((name) => !elsewhere.some(({ branch }) => branch === name));
  const supported = usable.filter((one) => isSupported(one)).sort((a, b) => compareVersions(b, a));
  return { supported, ends, communityEnds, changes };
}
