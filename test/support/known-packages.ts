import { readFileSync } from "node:fs";
import { matches } from "../../sandbox/apk/words.ts";
import { type Provision, parseDependency } from "../../scripts/formats/alpine/dependency.ts";
import type { Package } from "../../scripts/model/package.ts";
import type { Target } from "../../scripts/model/target.ts";
import { once } from "../../scripts/system/once.ts";
import {
  fixturePackages,
  fixtureRepositories,
  noPackageTable,
  PACKAGE_TABLE,
  type Repository,
} from "./alpine-fixtures.ts";

/** A name that can be installed, in one version. */
export interface Offer extends Provision {
  /** The package that has the name, or provides it. */
  readonly package: string;
  readonly repository: Repository;
}

/** What is known of the packages of one branch. */
export interface KnownPackages {
  /** By name, those that packages provide besides their own among them as far as there is an index. */
  readonly offers: ReadonlyMap<string, readonly Offer[]>;
  /** The repositories whose packages are all known. */
  readonly repositories: ReadonlySet<Repository>;
}

/**
 * Where the packages of a branch are known from: its real indexes, and the table. Both may be missing. Put together
 * once.
 */
export const knownPackages = once((branch: string): KnownPackages => {
  const indexed = fixtureRepositories(branch);
  const listed = packagesOfTable().get(branch) ?? [];
  const offers = [...indexed.flatMap((repository) => offersOfIndex(branch, repository)), ...listed];
  return {
    offers: byName(offers),
    repositories: new Set(listed.length > 0 ? ["main", "community"] : indexed),
  };
});

/**
 * Why a word of a world cannot be had; undefined when it can, or when that cannot be known: there is a
 * repository that we know nothing of, or it names a file or a library, of which only an index tells.
 */
export function whyNotToBeHad(word: string, { offers, repositories }: KnownPackages): string | undefined {
  const wanted = parseDependency(word);
  if (wanted.conflict) return undefined;
  const found = offers.get(wanted.name) ?? [];
  if (found.some((offer) => matches(wanted, offer))) return undefined;
  // A package is in one repository only; what packages provide may be in the other one too.
  const isWhole = repositories.size === 2;
  if (!isWhole && !found.some((offer) => offer.package === wanted.name)) return undefined;
  if (found.length > 0)
    return `there is only ${[...new Set(found.map((one) => describeOffer(one)))].join(", ")}`;
  return wanted.name.includes(":") ? undefined : "no such package in main or community";
}

function describeOffer({ package: name, version = "", repository }: Offer): string {
  return `${`${name} ${version}`.trimEnd()} (${repository})`;
}

/** The packages of a real index, in its order. */
export function indexedPackages(branch: string, repository: Repository): readonly Package[] {
  return fixturePackages(`v${branch}/${repository}/x86_64`);
}

function byName(offers: readonly Offer[]): Map<string, Offer[]> {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const group = groups.get(offer.name);
    if (group) group.push(offer);
    else groups.set(offer.name, [offer]);
  }
  return groups;
}

function offersOfIndex(branch: string, repository: Repository): Offer[] {
  return indexedPackages(branch, repository).flatMap(({ name, version, provides }) =>
    [{ name, version }, ...provisionsOf(provides)].map((provision) => ({
      ...provision,
      package: name,
      repository,
    })),
  );
}

/** What an index says of provisions is taken as it is: 3.12's community has a `cmd:kdevelop!`, which none may have. */
function provisionsOf(provides: string): Provision[] {
  return provides.split(" ").map((word) => {
    const [name = "", version] = word.split("=");
    return version === undefined ? { name } : { name, version };
  });
}

let table: ReadonlyMap<string, readonly Offer[]> | undefined;

/** The table by branch. Read once: it has 39,000 lines. */
function packagesOfTable(): ReadonlyMap<string, readonly Offer[]> {
  table ??= noPackageTable === undefined ? parseTable(readFileSync(PACKAGE_TABLE, "utf8")) : new Map();
  return table;
}

/** `22.16.0-r1/m`: a version and the letter of its repository; with `!` behind it, not for x86_64. */
const CELL = /^(?<version>[^/]+)\/(?<letter>[mc])$/;
const REPOSITORIES: Readonly<Record<string, Repository>> = { m: "main", c: "community" };

/**
 * Takes apart the table: a comment, a line of headings (`name`, then `v3.18` and on, then others), a line
 * for each package. What is in testing, or is not built for x86_64, cannot be installed on a release and is left out.
 */
export function parseTable(text: string): Map<string, Offer[]> {
  const [headings = "", ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const branches = headings.split("\t").map((heading) => /^v(3\.\d+)$/.exec(heading)?.[1]);
  const offers = new Map<string, Offer[]>(branches.flatMap((branch) => (branch ? [[branch, []]] : [])));
  for (const line of lines) {
    const [name = "", ...cells] = line.split("\t");
    cells.forEach((cell, position) => {
      const { version, letter = "" } = CELL.exec(cell)?.groups ?? {};
      const repository = REPOSITORIES[letter];
      if (version === undefined || repository === undefined) return;
      offers.get(branches[position + 1] ?? "")?.push({ name, version, package: name, repository });
    });
  }
  return offers;
}

/** What of a target is asked of its branch. */
type Asking = Pick<Target, "name" | "branch" | "version" | "world" | "jlink">;

/** The words of a target's world, and what its Java runtime is linked from. */
function askedFor({ world, jlink, version }: Asking): readonly string[] {
  if (!jlink) return world;
  return [...world, ...["jdk", "jmods"].map((part) => `openjdk${version}-${part}~${version}`)];
}

/** The words of worlds that cannot be had, each with its branch once, and the targets that ask for it. */
export function wrongWords(
  targets: readonly Asking[],
  branches: ReadonlyMap<string, KnownPackages>,
): string[] {
  const wrong = new Map<string, string[]>();
  for (const target of targets) {
    const { name, branch } = target;
    for (const word of askedFor(target)) {
      const known = branches.get(branch);
      const reason = known && whyNotToBeHad(word, known);
      if (reason === undefined) continue;
      const line = `${word} on ${branch}: ${reason}`;
      wrong.set(line, [...(wrong.get(line) ?? []), name]);
    }
  }
  return [...wrong].map(([line, names]) => `${line} (${names.join(", ")})`);
}
