import type { Branches } from "./branches.ts";
import type { Offers } from "./offers.ts";
import type { VersionName, WrittenCatalog } from "./written.ts";

/** All that proposals are made from: no world, only what was read of it. */
export interface Situation {
  readonly written: WrittenCatalog;
  readonly branches: Branches;
  /** Of the supported branches that could be asked. */
  readonly offers: Offers;
  readonly today: Date;
  /** Whether a version was asked for; without `version`, whether the image as a whole was. */
  readonly isChosen: (name: { readonly image: string; readonly version?: string }) => boolean;
}

/** The versions that are built on one and the same word of the catalog: the holder of it, and who goes along. */
export interface Group {
  readonly holder: VersionName;
  readonly isAbove: boolean;
  readonly members: readonly VersionName[];
}

/** A mirror that holds a part of Alpine, as the sandbox does, says nothing by what it lacks. */
export function isPartial({ written }: Situation): boolean {
  return written.entry.sources.mayLack !== undefined;
}
