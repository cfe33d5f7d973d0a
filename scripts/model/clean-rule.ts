import { daysOf } from "./policy.ts";
import { bytesOf } from "./size.ts";

/** What bounds the state directory and the engine's cache. */
export interface CleanRule {
  /** Layouts go that have not been built for so many days. */
  readonly layouts: number;
  /** Bytes: beyond them the oldest layouts go, and the oldest of the build cache. */
  readonly disk: number;
  /** How many runs are remembered. */
  readonly runs: number;
}

/** A rule as a catalog file has it; what it leaves out is as in DEFAULT_RULE. */
export interface CleanFile {
  /** `7d` */
  readonly layouts?: string | undefined;
  /** `20 GB` */
  readonly disk?: string | undefined;
  readonly runs?: number | undefined;
}

/** Without a word in the catalog the disk is bounded all the same: a timer runs where nobody looks. */
export const DEFAULT_RULE: CleanRule = { layouts: 14, disk: 50e9, runs: 100 };

/** The rule that a catalog file comes to. @throws Error on words that the schema would have refused */
export function cleanRule({ layouts, disk, runs }: CleanFile): CleanRule {
  return {
    layouts: layouts === undefined ? DEFAULT_RULE.layouts : daysOf(layouts),
    disk: disk === undefined ? DEFAULT_RULE.disk : bytesOf(disk),
    runs: runs ?? DEFAULT_RULE.runs,
  };
}
