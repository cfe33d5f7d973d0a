import {
  type Dependency,
  type Provision,
  parseDependencies,
  parseProvisions,
} from "../../scripts/formats/alpine/dependency.ts";
import { compareVersions } from "../../scripts/formats/alpine/version.ts";
import type { Package } from "../../scripts/model/package.ts";
import { matches } from "./words.ts";

/** A package to choose from, with its words taken apart. */
export interface PackageCandidate {
  readonly package: Package;
  /** `musl-1.2.5-r0`: how apk names it in messages. */
  readonly label: string;
  /** Taken before all others, since it is installed. */
  readonly kept: boolean;
  readonly dependencies: readonly Dependency[];
  readonly installIf: readonly Dependency[];
  /** Its own name and version first, then whatever else it provides. */
  readonly offers: readonly Provision[];
}

/** A candidate, and what it offers under the name that was asked for. */
export interface Provider {
  readonly candidate: PackageCandidate;
  readonly offer: Provision;
}

/** All candidates by the names that they offer. */
export class Candidates {
  readonly #providers = new Map<string, Provider[]>();
  /** First what is installed, then in the order of the repositories. */
  readonly all: readonly PackageCandidate[];
  /** Those that are installed by themselves once other packages are. */
  readonly conditional: readonly PackageCandidate[];

  /**
   * @param available what the repositories have, in their order
   * @param installed what is there already. Such a package is a candidate even if no repository has it any more.
   * @param prefer whether an installed package stays where it fits, or gives way to a newer one
   */
  constructor(
    available: readonly Package[],
    installed: readonly Package[],
    prefer: "installed" | "newest" = "installed",
  ) {
    const there = new Set(installed.map(({ checksum }) => checksum));
    this.all = [
      ...installed.map((each) => candidateOf(each, prefer === "installed")),
      ...available.filter(({ checksum }) => !there.has(checksum)).map((each) => candidateOf(each, false)),
    ];
    for (const candidate of this.all) {
      for (const offer of candidate.offers) this.#add({ candidate, offer });
    }
    this.conditional = this.all.filter(({ installIf }) => installIf.length > 0);
  }

  /** Whoever provides a name: first what is installed, then in the order of the repositories. */
  providersOf(name: string): readonly Provider[] {
    return this.#providers.get(name) ?? [];
  }

  #add(provider: Provider): void {
    const providers = this.#providers.get(provider.offer.name);
    if (providers) providers.push(provider);
    else this.#providers.set(provider.offer.name, [provider]);
  }
}

/** Whether one of the things that a candidate offers is what the dependency asks for. */
export function offersMatch(candidate: PackageCandidate, dependency: Dependency): boolean {
  return candidate.offers.some((offer) => matches(dependency, offer));
}

function candidateOf(each: Package, kept: boolean): PackageCandidate {
  return {
    package: each,
    label: `${each.name}-${each.version}`,
    kept,
    dependencies: parseDependencies(each.dependencies),
    installIf: parseDependencies(each.installIf),
    offers: [{ name: each.name, version: each.version }, ...parseProvisions(each.provides)],
  };
}

/**
 * The provider that apk would take: one that is kept, else the newest version of what was asked for, else the
 * newest of the same package, else the highest priority, else the one whose repository comes first.
 */
export function preferred(providers: readonly Provider[]): Provider | undefined {
  return providers.reduce<Provider | undefined>(
    (best, each) => (best === undefined || compareProviders(each, best) > 0 ? each : best),
    undefined,
  );
}

function compareProviders(a: Provider, b: Provider): number {
  return (
    Number(a.candidate.kept) - Number(b.candidate.kept) ||
    compareOffers(a, b) ||
    comparePackages(a, b) ||
    a.candidate.package.providerPriority - b.candidate.package.providerPriority
  );
}

function compareOffers({ offer: a }: Provider, { offer: b }: Provider): number {
  if (a.version === undefined || b.version === undefined) return 0;
  return compareVersions(a.version, b.version);
}

function comparePackages(
  { candidate: { package: a } }: Provider,
  { candidate: { package: b } }: Provider,
): number {
  return a.name === b.name ? compareVersions(a.version, b.version) : 0;
}

/**
 * The selected packages, each after what it depends on (as far as dependencies are no circle), and by name where
 * nothing else decides, so that the same world always gives the same order.
 *
 * @param providerOf who of the selected provides a name
 */
export function installationOrder(
  world: readonly Dependency[],
  selected: Iterable<PackageCandidate>,
  providerOf: (name: string) => PackageCandidate | undefined,
): PackageCandidate[] {
  const order = new Set<PackageCandidate>();
  const visited = new Set<PackageCandidate>();
  const visit = (candidate: PackageCandidate | undefined) => {
    if (candidate === undefined || visited.has(candidate)) return;
    visited.add(candidate);
    for (const { name, conflict } of candidate.dependencies) {
      if (!conflict) visit(providerOf(name));
    }
    order.add(candidate);
  };
  for (const { name, conflict } of [...world].sort(byName)) {
    if (!conflict) visit(providerOf(name));
  }
  // What was not asked for came by `install_if`.
  for (const candidate of [...selected].sort((a, b) => byName(a.package, b.package))) visit(candidate);
  return [...order];
}

/** As apk sorts: by the letters' codes. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
