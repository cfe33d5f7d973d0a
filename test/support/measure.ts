import { parseDependency } from "../../scripts/formats/alpine/dependency.ts";
import { newestBuild } from "../../scripts/model/package.ts";
import type { Target } from "../../scripts/model/target.ts";
import { buildTimes } from "../../scripts/plan/build-times.ts";
import type { MeasuredTarget, Saving } from "../../scripts/render/measured-sizes.ts";
import { messageOf } from "../../scripts/system/errors.ts";
import { groupBy } from "../../scripts/system/group.ts";
import { fixtureRepositories, type Repository } from "./alpine-fixtures.ts";
import type { Resolver, SizedPackage } from "./closures.ts";
import { indexedPackages, type KnownPackages, knownPackages } from "./known-packages.ts";

/** How many of a closure's packages are named. */
const LARGEST = 8;

type LeftOut = Record<string, "community" | "unknown">;

/** A world, divided by what the indexes at hand can tell of it. */
export interface DividedWorld {
  readonly kept: readonly string[];
  /** Words that the indexes at hand lack → where they are. */
  readonly leftOut: LeftOut;
}

/**
 * Divides a world. A word stays when one of the repositories at hand has its name, and also when no
 * repository can have it: then it is for apk to say that it is wrong.
 */
export function divideWorld(
  world: readonly string[],
  atHand: readonly Repository[],
  known: KnownPackages,
): DividedWorld {
  const kept: string[] = [];
  const leftOut: LeftOut = {};
  for (const word of world) {
    const place = placeOf(word, atHand, known);
    if (place === undefined) kept.push(word);
    else leftOut[word] = place;
  }
  return { kept, leftOut };
}

/** Where a word is that the repositories at hand lack; undefined when it is not elsewhere. */
function placeOf(
  word: string,
  atHand: readonly Repository[],
  { offers, repositories }: KnownPackages,
): LeftOut[string] | undefined {
  const { name, conflict } = parseDependency(word);
  if (conflict) return undefined;
  const places = (offers.get(name) ?? []).map(({ repository }) => repository);
  if (places.some((place) => atHand.includes(place))) return undefined;
  if (places.includes("community")) return "community";
  return repositories.size < 2 ? "unknown" : undefined;
}

/** The words by which a target cannot be measured: without its language only a part of it would be. */
export function missingLanguage(
  target: Pick<Target, "package">,
  { leftOut }: DividedWorld,
  atHand: readonly Repository[],
  known: KnownPackages,
): string[] {
  const language = known.offers.get(target.package) ?? [];
  if (language.some(({ repository }) => atHand.includes(repository))) return [];
  return Object.keys(leftOut);
}

/** The measure of a target whose world came to this closure. Pure. */
export function measuredTarget(
  { branch, index, date }: Pick<Resolver, "branch" | "index" | "date">,
  closure: readonly SizedPackage[],
  leftOut: LeftOut,
): MeasuredTarget {
  const bySize = closure.toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  return {
    branch,
    index,
    date,
    packages: closure.length,
    ...sizesOf(closure),
    ...(Object.keys(leftOut).length > 0 && { leftOut }),
    largest: Object.fromEntries(bySize.slice(0, LARGEST).map(({ name, size }) => [name, size])),
  };
}

/** What came of the targets of one branch. */
export interface MeasuredBranch {
  readonly branch: string;
  readonly sizes: Readonly<Record<string, MeasuredTarget>>;
  /** Targets whose language no repository at hand has, each with the words that are missing. */
  readonly missing: readonly string[];
  /** Targets whose world cannot be resolved, each with what apk says. */
  readonly failed: readonly string[];
  /** Targets that a build would be given another time for than that of the newest package that apk installs. */
  readonly mistimed: readonly string[];
}

/** Measures those of the targets that are built on the resolver's branch. */
export async function measureBranch(targets: readonly Target[], resolver: Resolver): Promise<MeasuredBranch> {
  const { branch, baseWorld } = resolver;
  const atHand = fixtureRepositories(branch);
  const known = knownPackages(branch);
  const sizes: Record<string, MeasuredTarget> = {};
  const missing: string[] = [];
  const failed: string[] = [];
  const mistimed: string[] = [];
  const packages = atHand.flatMap((repository) => indexedPackages(branch, repository));
  const byName = groupBy(packages, ({ name }) => name);
  for (const target of targets.filter((each) => each.branch === branch)) {
    if (target.jlink) {
      missing.push(`${target.name}, which is linked from a JDK and not the sum of its packages`);
      continue;
    }
    const world = target.variant === "dev" ? [...baseWorld, ...target.world] : target.world;
    const divided = divideWorld([...new Set(world)], atHand, known);
    const without = missingLanguage(target, divided, atHand, known);
    if (without.length > 0) missing.push(`${target.name}, without ${without.join(" ")}`);
    else {
      await resolver.closureOf(divided.kept).then(
        (closure) => {
          sizes[target.name] = measuredTarget(resolver, closure, divided.leftOut);
          const foreseen = buildTimes([{ ...target, world: divided.kept }], byName).get(target.name)?.image;
          const found = newestBuild(closure);
          if (foreseen !== found) mistimed.push(`${target.name}: ${foreseen}, found ${found}`);
        },
        (error: unknown) => failed.push(`${target.name}: ${messageOf(error)}`),
      );
    }
  }
  return { branch, sizes, missing, failed, mistimed };
}

/** What each of these worlds saves against the larger one in its place. Worlds are words separated by spaces. */
export async function measureSavings(
  resolver: Resolver,
  worlds: Readonly<Record<string, { readonly world: string; readonly insteadOf: string }>>,
): Promise<Record<string, Saving>> {
  const { branch, index, date } = resolver;
  const savings: Record<string, Saving> = {};
  for (const [name, { world, insteadOf }] of Object.entries(worlds)) {
    const less = sizesOf(await resolver.closureOf(world.split(" ")));
    const more = sizesOf(await resolver.closureOf(insteadOf.split(" ")));
    const installed = more.installed - less.installed;
    const compressed = more.compressed - less.compressed;
    savings[name] = { branch, index, date, world, insteadOf, installed, compressed };
  }
  return savings;
}

/** Bytes on disk and bytes to download, of all packages together. */
export function sizesOf(packages: readonly SizedPackage[]): { installed: number; compressed: number } {
  return {
    installed: packages.reduce((sum, { installedSize }) => sum + installedSize, 0),
    compressed: packages.reduce((sum, { size }) => sum + size, 0),
  };
}
