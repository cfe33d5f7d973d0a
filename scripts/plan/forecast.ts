import { STAGES, type Stage } from "../model/run.ts";
import { releaseOf, type Variant } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { sum } from "../system/sum.ts";
import type { PlannedTarget } from "./plan.ts";

/** What a run is going to take, as far as anybody can know before it begins. */
export interface Forecast {
  readonly targets: number;
  readonly releases: number;
  /** Of the wall clock. */
  readonly seconds: number;
  /** What the images weigh, compressed: what they share counts each time, so that it is the most that is loaded. */
  readonly bytes: number;
  /** Whether this machine's own past runs tell how long it takes, or only sizes and a figure for each version. */
  readonly basis: "runs" | "sizes";
  /** Of how many of the targets that basis knows something. */
  readonly known: number;
}

/** What a target took in a past run. */
export interface PastTarget {
  readonly seconds: Readonly<Record<Stage, number>>;
  /** What it weighed, compressed, on all platforms. */
  readonly bytes: number;
}

/** What is known of the past and of sizes, by the name of the target. */
export interface ForecastFacts {
  readonly past: ReadonlyMap<string, PastTarget>;
  /** Bytes to download for one platform. */
  readonly sizes: ReadonlyMap<string, number>;
  /** How many releases are worked on at once. */
  readonly concurrency: number;
}

type Due = Pick<PlannedTarget, "target" | "platforms">;

/** Bytes of a target of which nothing is known, nor of any other of its variant: about the mean of this catalog's. */
const USUAL_BYTES: Readonly<Record<Variant, number>> = { runtime: 15e6, debug: 20e6, dev: 130e6 };

/** Modest figures for a laptop: what a version takes however small it is, and how fast bytes are loaded and packed. */
export const SECONDS_PER_RELEASE = 20;
const BYTES_PER_SECOND = 5e6;

/**
 * How long what is due will take, and how many bytes. Pure.
 * @param due both variants of each version
 */
export function forecastOf(due: readonly Due[], facts: ForecastFacts): Forecast {
  const { past, sizes, concurrency } = facts;
  const isByRuns = hasRun(due, facts);
  const basis = isByRuns ? "runs" : "sizes";
  const known = due.filter(({ target }) => (isByRuns ? past : sizes).has(target.name)).length;
  const bytesOf = bytesBy(facts);
  const seconds = [...releaseSeconds(due, facts).values()];
  return {
    targets: due.length,
    releases: seconds.length,
    // However many are worked on at once, the longest has to end.
    seconds: Math.round(Math.max(0, ...seconds, sum(seconds) / concurrency)),
    bytes: Math.round(sum(due.map((one) => bytesOf(one)))),
    ...{ basis, known },
  };
}

/**
 * How long each release takes when it is worked on alone, by its name. In seconds. Pure.
 * @param due all variants of each version
 */
export function releaseSeconds(due: readonly Due[], facts: ForecastFacts): ReadonlyMap<string, number> {
  const isByRuns = hasRun(due, facts);
  const bytesOf = bytesBy(facts);
  const byRuns = secondsBy(facts.past);
  const bySize = (release: readonly Due[]) =>
    SECONDS_PER_RELEASE + sum(release.map((one) => bytesOf(one))) / BYTES_PER_SECOND;
  const releases = groupBy(due, ({ target }) => releaseOf(target));
  return new Map(
    [...releases].map(([name, release]) => [name, isByRuns ? byRuns(release) : bySize(release)]),
  );
}

/** Whether any of the targets was built here before. */
function hasRun(due: readonly Due[], { past }: ForecastFacts): boolean {
  return due.some(({ target }) => past.has(target.name));
}

/** What a target weighs: as it did, as it was measured, or as others of its variant. */
function bytesBy({ past, sizes }: ForecastFacts): (one: Due) => number {
  const means = meansOf([...sizes], (bytes) => bytes);
  return ({ target: { name, variant }, platforms }) => {
    const each = sizes.get(name) ?? means.get(variant) ?? USUAL_BYTES[variant];
    return past.get(name)?.bytes ?? each * platforms.length;
  };
}

/** What a release took: its variants are built beside each other, and then tested and published together. */
function secondsBy(past: ForecastFacts["past"]): (release: readonly Due[]) => number {
  const all = [...past];
  const means = STAGES.map((stage) => [stage, meansOf(all, ({ seconds }) => seconds[stage])] as const);
  return (release) =>
    sum(
      means.map(([stage, mean]) => {
        const each = release.map(({ target: { name, variant } }) => {
          const known = past.get(name)?.seconds[stage] ?? mean.get(variant);
          return known ?? Math.max(0, ...mean.values());
        });
        return Math.max(0, ...each);
      }),
    );
}

/** The mean of each variant that there is any of. */
function meansOf<Value>(
  entries: readonly (readonly [name: string, value: Value])[],
  numberOf: (value: Value) => number,
): ReadonlyMap<Variant, number> {
  const groups = groupBy(entries, ([name]) => variantOf(name));
  return new Map(
    [...groups].map(([variant, group]) => [
      variant,
      sum(group.map(([, value]) => numberOf(value))) / group.length,
    ]),
  );
}

/** By the name: a past run may have had targets that the catalog has no more. */
function variantOf(name: string): Variant {
  const [, variant] = /-(dev|debug)$/.exec(name) ?? [];
  return variant === "dev" || variant === "debug" ? variant : "runtime";
}
