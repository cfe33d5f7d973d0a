import type { Secfixes } from "../formats/alpine/secdb.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";

/** Packages by name; of one name, those of all repositories that have it, and older builds where kept. */
export type PackagesByName = ReadonlyMap<string, readonly Package[]>;

/** Alpine's own list of fixes. */
export type Fixes = Secfixes;

/**
 * What was answered, or why not: a run goes on without the answer, and says so. Notes tell what of an answer was left
 * out, a line each.
 */
export type Answer<T> =
  | { readonly value: T; readonly notes?: readonly string[] }
  | { readonly problem: string };

/** The state of a mirror's indexes. */
export interface Edition {
  /** Of the indexes and of the keys that they are verified by. */
  readonly digest: string;
  /** Whether an earlier run verified these very indexes, and has seen no newer ones since. */
  readonly isKnown: boolean;
}

/**
 * What Alpine offers now. Each thing is fetched once, however many targets ask for it, and only
 * an interruption throws.
 */
export interface Upstream {
  /** What a branch offers to an architecture, as apk names it; undefined where the mirror has no such branch. */
  packages(branch: string, architecture: string): Promise<Answer<PackagesByName | undefined>>;
  /**
   * The repositories, by name, that the catalog takes a branch's packages from and that are not there for an
   * architecture: apk will not upgrade where one is missing. None where it has all of them, or no such branch.
   */
  missing(branch: string, architecture: string): Promise<Answer<readonly string[]>>;
  /** Which edition that is, without reading it. */
  edition(branch: string, architecture: string): Promise<Answer<Edition>>;
  /** Alpine's own list of fixes for a branch; empty where the catalog names no source of it. */
  fixes(branch: string): Promise<Answer<Fixes>>;
  /** The digest of a branch's base image; undefined where its registry has none. */
  base(branch: string): Promise<Answer<string | undefined>>;
  /** The platforms that a branch's base image is there for; none where its registry has no such index. */
  basePlatforms(branch: string): Promise<Answer<readonly Platform[]>>;
}
