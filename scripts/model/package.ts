/**
 * One package as Alpine describes it, in an index or in the database of what is installed.
 * The letter in brackets is the field's name in the file.
 * Source of the format: https://wiki.alpinelinux.org/wiki/Apk_spec#APKINDEX_Format
 */
export interface Package {
  /** (P) */
  readonly name: string;
  /** (V) Such as `22.16.0-r2`. */
  readonly version: string;
  /** (A) As apk names it, such as `x86_64`; `noarch` where it does not matter. */
  readonly architecture: string;
  /** (C) `Q1` and the SHA-1 of the package's control member in base64. What apk knows a package by. */
  readonly checksum: string;
  /** (S) Bytes to download. */
  readonly size: number;
  /** (I) Bytes on disk: whole 4096-byte blocks up to Alpine 3.20, exact bytes by 3.22. Do not compare across. */
  readonly installedSize: number;
  /** (T) */
  readonly description: string;
  /** (U) */
  readonly url: string;
  /** (L) An SPDX expression, in most packages. */
  readonly license: string;
  /** (o) The source package it was built from; its own name where the index says nothing. */
  readonly origin: string;
  /** (m) `Name <address>`; empty where there is none. */
  readonly maintainer: string;
  /** (t) When it was built, in seconds since 1970; 0 where not said. */
  readonly buildTime: number;
  /** (c) The commit of the aports repository it was built from; empty where not said. */
  readonly commit: string;
  /** (k) Among several packages that provide one name, the highest is taken; 0 where not said. */
  readonly providerPriority: number;
  /** (D) What it needs, and with `!` what it cannot live with: words for parseDependencies(). */
  readonly dependencies: string;
  /** (p) Names it provides besides its own, such as `so:libz.so.1=1.3.1 cmd:node=22.16.0-r2`: words for parseProvisions(). */
  readonly provides: string;
  /** (i) It is installed by itself when all of these are: words for parseDependencies(). */
  readonly installIf: string;
  /** (r) Packages whose files it may overwrite: words for parseDependencies(). In the installed database only. */
  readonly replaces: string;
  /** (q) Which of two packages that replace each other owns a file. In the installed database only. */
  readonly replacesPriority: number;
  /** Fields of letters that nobody told us about, as they stand. */
  readonly other: Readonly<Record<string, string>>;
}

/** When the newest of some packages was built, in seconds since 1970; 0 where none says. */
export function newestBuild(packages: Iterable<Pick<Package, "buildTime">>): number {
  let newest = 0;
  for (const { buildTime } of packages) newest = Math.max(newest, buildTime);
  return newest;
}
