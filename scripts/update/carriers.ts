import type { CatalogEntry } from "../catalog/extend/extend.ts";
import type { VersionEntry } from "../catalog/extend/merge.ts";
import { targetsOf } from "../catalog/targets/targets.ts";
import { parseDependency } from "../formats/alpine/dependency.ts";
import { satisfies } from "../formats/alpine/version.ts";
import type { Target } from "../model/target.ts";
import { obstacleOf } from "../plan/availability.ts";
import type { BranchOffer, Offers } from "./offers.ts";

/** One version of an image, as it would be written. */
export interface Candidate {
  readonly image: string;
  readonly version: string;
  readonly entry: VersionEntry;
}

/**
 * Both targets of a version as the catalog would make them: names by branch, placeholders and defaults and all.
 * So whatever a catalog can say of packages is understood here without a word about it.
 */
export function targetsOfCandidate(
  catalog: CatalogEntry,
  { image, version, entry }: Candidate,
): readonly Target[] {
  const imageEntry = catalog.images[image];
  if (!imageEntry) return [];
  const images = { [image]: { ...imageEntry, versions: { [version]: entry } } };
  return targetsOf({ ...catalog, images }, "", () => "");
}

/**
 * What a branch lacks for a version, in words; undefined where it carries it: where all packages of both
 * variants can be had for all platforms, and the one that gives the version its name is held to it.
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

/** The branches, in the order given, that carry a version. Those that nothing is known of do not. */
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
