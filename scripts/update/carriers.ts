import type { CatalogEntry, VersionEntry } from "../catalog/extend/extend.ts";
import { targetsOf } from "../catalog/targets/targets.ts";
import { parseDependency } from "../formats/alpine/dependency.ts";
import { satisfies } from "../formats/alpine/version.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import type { PackagesByName, Upstream } from "../upstream/upstream.ts";

/** One version of an image, as it would be written. */
export interface Candidate {
  readonly image: string;
  readonly version: string;
  readonly entry: VersionEntry;
}

/**
 * Both targets of a version as the catalog would make them: names by branch, placeholders and defaults and all.
 * So all that a catalog can say of packages is understood here without extra code.
 */
function targetsOfCandidate(catalog: CatalogEntry, { image, version, entry }: Candidate): readonly Target[] {
  const imageEntry = catalog.images[image];
  if (!imageEntry) return [];
  const images = { [image]: { ...imageEntry, versions: { [version]: entry } } };
  return targetsOf({ ...catalog, images }, "", () => "");
}

/**
 * What a branch lacks for a version, in words; undefined where it carries it: where all packages of both
 * variants can be had for all platforms, and the package that gives the version its name is pinned to it.
 */
export function lackOf(catalog: CatalogEntry, candidate: Candidate, offer: BranchOffer): string | undefined {
  if (offer.size === 0) return `the mirror has no v${candidate.entry.branch}`;
  for (const target of targetsOfCandidate(catalog, candidate)) {
    for (const { provided } of offer.values()) {
      const obstacle = obstacleOf(target, provided, catalog.sources, () => []);
      if (obstacle) return obstacle.text;
    }
  }
  if (programOn(catalog, candidate, offer) !== undefined) return undefined;
  return `v${candidate.entry.branch} has no package that gives version ${candidate.version}`;
}

/** The branches, in the order given, that carry a version; unknown ones do not. */
export function carriersOf(
  catalog: CatalogEntry,
  candidate: Candidate,
  branches: readonly string[],
  offers: Offers,
): string[] {
  return branches.filter((branch) => {
    const offer = offers.get(branch);
    return offer !== undefined && lackOf(catalog, onBranch(candidate, branch), offer) === undefined;
  });
}

/** The same version, built on a branch. */
export function onBranch(candidate: Candidate, branch: string): Candidate {
  return { ...candidate, entry: { ...candidate.entry, branch } };
}

/**
 * The package that gives a version its name, as its branch has it for all platforms, such as
 * `nodejs 22.16.0-r2`; undefined where some platform has none that fits.
 */
export function programOn(
  catalog: CatalogEntry,
  candidate: Candidate,
  offer: BranchOffer,
): string | undefined {
  const pin = targetsOfCandidate(catalog, candidate)
    .flatMap(({ package: name, world }) =>
      world.map((one) => parseDependency(one)).filter((item) => item.name === name && !item.conflict),
    )
    .find(({ constraint }) => constraint);
  if (!pin?.constraint) return undefined;
  const { operator, version } = pin.constraint;
  const found = [...offer.values()].map(({ packages }) =>
    packages.get(pin.name)?.find((offered) => satisfies(offered.version, operator, version)),
  );
  const [first] = found;
  return first && found.every(Boolean) ? `${first.name} ${first.version}` : undefined;
}

/** What a branch offers to one platform. */
export interface PlatformOffer {
  /** By the packages' own names: a package that merely provides another's name gives no version. */
  readonly packages: PackagesByName;
  readonly provided: Offer;
}

/** What a branch offers to each platform; to none where the mirror has no such branch. */
export type BranchOffer = ReadonlyMap<Platform, PlatformOffer>;

/** What the branches offer that could be asked. Nothing is known of any other. */
export type Offers = ReadonlyMap<string, BranchOffer>;

export interface AskedOffers {
  readonly offers: Offers;
  /** Why some branches could not be asked. */
  readonly problems: readonly string[];
}

/**
 * Asks what branches offer to all platforms. Where the answer for one platform is missing, nothing is known of
 * the branch: a version must be there for all platforms.
 */
export async function askOffers(
  upstream: Pick<Upstream, "packages">,
  branches: readonly string[],
  platforms: readonly Platform[],
): Promise<AskedOffers> {
  const asked = await Promise.all(
    branches.map(async (branch) => ({ branch, ...(await askBranch(upstream, branch, platforms)) })),
  );
  return {
    offers: new Map(asked.flatMap(({ branch, offer }) => (offer ? [[branch, offer]] : []))),
    problems: asked.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  };
}

async function askBranch(
  upstream: Pick<Upstream, "packages">,
  branch: string,
  platforms: readonly Platform[],
): Promise<{ readonly offer?: BranchOffer; readonly problem?: string }> {
  const offers = new Map<Platform, PlatformOffer>();
  const asking = platforms.map(async (platform) => ({
    platform,
    answer: await upstream.packages(branch, apkArchitecture(platform)),
  }));
  for (const { platform, answer } of await Promise.all(asking)) {
    if ("problem" in answer) return { problem: answer.problem };
    // A branch that is missing for one platform cannot serve images for all.
    if (!answer.value) return { offer: new Map() };
    offers.set(platform, { packages: answer.value, provided: offerOf([...answer.value.values()].flat()) });
  }
  return { offer: offers };
}
