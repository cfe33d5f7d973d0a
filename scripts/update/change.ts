/** A version goes to another branch: the newest supported one that still carries it. */
export interface Move {
  readonly kind: "move";
  readonly image: string;
  readonly version: string;
  /** Branches. */
  readonly from: string;
  readonly to: string;
  /** There the image's own package has it, so that the one of this version goes: such as `nodejs-current`. */
  readonly package?: { readonly from: string; readonly to: string };
  /** Versions that take their branch from this one and go along: `kotlin:25`. */
  readonly along: readonly string[];
  readonly why: string;
  readonly above?: string;
}

/** A newer version that a supported branch carries and the catalog has not. */
export interface NewVersion {
  readonly kind: "new-version";
  readonly image: string;
  readonly version: string;
  readonly branch: string;
  /** The image takes the version over from the one that it extends: its entry need not say the branch. */
  readonly inherited: boolean;
  /** Where it is not the image's: such as `nodejs-current`. */
  readonly package?: string;
  readonly why: string;
}

/** A branch that the catalog does not know, or whose support ends on another day than it says. */
export interface BranchChange {
  readonly kind: "branch";
  readonly branch: string;
  /** Days, as `2027-05-01`; without `from` the branch is new. */
  readonly from?: string;
  readonly to: string;
  readonly why: string;
  readonly above?: string;
}

/** A version that has ended, and that no supported branch carries: there is nothing to edit. */
export interface Ended {
  readonly kind: "ended";
  readonly image: string;
  readonly version: string;
  readonly branch: string;
  /** The day from which it is archived. */
  readonly since: string;
  readonly why: string;
}

/** What a person has to look at: `update` knows no edit that would be right. */
export interface Hint {
  readonly kind: "hint";
  readonly image: string;
  readonly version: string;
  readonly why: string;
}

/**
 * What `update` found. `above` names the catalog that this one extends, where the change belongs there: only
 * what stands in the catalog's own file is edited.
 */
export type Change = Move | NewVersion | BranchChange | Ended | Hint;

/** A change that is made in the catalog's text. */
export type Edit = Move | NewVersion | BranchChange;

/** Whether a change can be made in the catalog's own file. */
export function isEdit(change: Change): change is Edit {
  if (change.kind === "new-version") return true;
  return (change.kind === "move" || change.kind === "branch") && change.above === undefined;
}

/** A version, and the supported branches that carry it, newest first. */
export interface Carried {
  readonly image: string;
  readonly version: string;
  readonly branch: string;
  readonly carriers: readonly string[];
}
