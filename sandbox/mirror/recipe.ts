/**
 * How Alpine's packages are made of Debian's. A name that no recipe knows stands for the Debian package of
 * that name as it is; where Alpine calls a thing otherwise, cuts it otherwise or makes a link in it, a
 * recipe says so. No maintainer script is kept: what programs need of those is in the recipes.
 */
export interface Recipe {
  /** Debian packages whose files it holds; the first gives version and description. */
  readonly holds?: readonly string[];
  /** A package of the npm registry that it holds files of. */
  readonly npm?: NpmPart;
  /** Packages it depends on beyond what the Debian packages in it do. */
  readonly needs?: readonly string[];
  /** The version, where nothing in it has one; else it has that of the first package it needs. */
  readonly version?: string;
  /** Links: path → what it points at. Paths are relative to the root. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files: path → text, readable by all. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files: path → text, readable and executable by all. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Files: path → text, readable by root and its group. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Directories: path → permissions. */
  readonly directories?: Readonly<Record<string, number>>;
  /** Files of other Debian packages, which may be in another package too: Debian package → their paths begin so. */
  readonly takes?: Readonly<Record<string, readonly string[]>>;
  /** Files of the Debian packages that go elsewhere: path in Debian → path here. */
  readonly moves?: Readonly<Record<string, string>>;
  /** Of the Debian packages only one file is kept: those below `from`, one after another. */
  readonly joins?: { readonly from: string; readonly into: string };
}

export interface NpmPart {
  /** As `npm pack` takes it: `npm@10`. */
  readonly spec: string;
  /** Only the files below these folders; all of them where it is left out. */
  readonly only?: readonly string[];
  /** The directory that its files go to. */
  readonly into: string;
}

export type Recipes = Readonly<Record<string, Recipe>>;
