import type { CatalogEntry, VersionEntry } from "../catalog/extend/extend.ts";
import { versionsNewestFirst } from "../catalog/targets/tags.ts";
import { targetsOf } from "../catalog/targets/targets.ts";
import { parseDependency } from "../formats/alpine/dependency.ts";
import { satisfies } from "../formats/alpine/version.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import type { PackagesByName, Upstream } from "../upstream/upstream.ts";
import type { VersionName } from "./written.ts";

/** One version of an image, as it is, or would be, written. */
export interface Candidate extends VersionName {
  readonly entry: VersionEntry;
}

/** The versions of a catalog: images in its order, of each the newest first. */
export function candidatesIn({ images }: CatalogEntry): Candidate[] {
  return Object.entries(images).flatMap(([image, { versions }]) =>
    versionsNewestFirst(versions).flatMap((version) => {
      const entry = versions[version];
      return entry ? [{ image, version, entry }] : [];
    }),
  );
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
 * What its branch lacks for a version, in words; undefined where it carries it: where all packages of both variants can
 * be had for all platforms, and the package that gives the version its name is pinned to it.
 */
export function lackOf(catalog: CatalogEntry, candidate: Candidate, offers: Offers): string | undefined {
  const { branch } = candidate.entry;
  const offer = offers.get(branch);
  if (!offer) return `v${branch} could not be asked`;
  if (offer.length === 0) return `the mirror has no v${branch}`;
  for (const target of targetsOfCandidate(catalog, candidate)) {
    for (const { provided } of offer) {
      const obstacle = obstacleOf(target, provided, catalog.sources, () => []);
      if (obstacle) return obstacle.text;
    }
  }
  if (programOn(catalog, candidate, offers) !== undefined) return undefined;
  return `v${branch} has no package that gives version ${candidate.version}`;
}

/** The branches, in the order given, that carry a version; unknown ones do not. */
export function carriersOf(
  catalog: CatalogEntry,
  candidate: Candidate,
  branches: readonly string[],
  offers: Offers,
): string[] {
  return branches.filter((branch) => lackOf(catalog, onBranch(candidate, branch), offers) === undefined);
}

/** The same version, built on a branch. */
export function onBranch(candidate: Candidate, branch: string): Candidate {
  return { ...candidate, entry: { ...candidate.entry, branch } };
}

/** The package that a version is named after, as its branch has it for all platforms: `nodejs 22.16.0-r2`. */
export function programOn(catalog: CatalogEntry, candidate: Candidate, offers: Offers): string | undefined {
  const pin = targetsOfCandidate(catalog, candidate)
    .flatMap(({ package: name, world }) =>
      world.map((one) => parseDependency(one)).filter((item) => item.name === name && !item.conflict),
    )
    .find(({ constraint }) => constraint);
  if (!pin?.constraint) return undefined;
  const { operator, version } = pin.constraint;
  const offer = offers.get(candidate.entry.branch) ?? [];
  const found = offer.map(({ packages }) =>
    packages.get(pin.name)?.find((offered) => satisfies(offered.version, operator, version)),
  );
  const [first] = found;
  return first && found.every(Boolean) ? `${first.name} ${first.version}` : undefined;
}

/** What a branch offers to each platform; nothing where the mirror has no such branch. */
export type BranchOffer = readonly {
  /** By the packages' own names: a package that merely provides another's name gives no version. */
  readonly packages: PackagesByName;
  readonly provided: Offer;
}[];

/** What the branches offer that could be asked. Nothing is known of any other. */
export type Offers = ReadonlyMap<string, BranchOffer>;

/**
 * Asks what branches offer to all platforms; problems say why some could not be asked. Where the answer for one platform
 * is missing, nothing is known of the branch: a version must be there for all platforms.
 */
export async function askOffers(
  upstream: Pick<Upstream, "packages">,
  branches: readonly string[],
  platforms: readonly Platform[],
): Promise<{ readonly offers: Offers; readonly problems: readonly string[] }> {
  // A text says why it could not be asked.
  const ask = async (branch: string): Promise<BranchOffer | string> => {
    const asking = platforms.map((platform) => upstream.packages(branch, apkArchitecture(platform)));
    const offer: BranchOffer[number][] = [];
    for (const answer of await Promise.all(asking)) {
      if ("problem" in answer) return answer.problem;
      // A branch that is missing for one platform cannot serve images for all.
      if (!answer.value) return [];
      offer.push({ packages: answer.value, provided: offerOf([...answer.value.values()].flat()) });
    }
    return offer;
  };
  const answers = branches.map(async (branch) => [branch, await ask(branch)] as const);
  const offers = new Map<string, BranchOffer>();
  const problems: string[] = [];
  for (const [branch, answer] of await Promise.all(answers)) {
    if (typeof answer === "string") problems.push(answer);
    else offers.set(branch, answer);
  }
  return { offers, problems };
}
