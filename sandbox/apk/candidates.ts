import {
  type Dependency,
  matches,
  type Provision,
  parseDependencies,
  parseProvisions,
} from "../../scripts/formats/alpine/dependency.ts";
import type { Package } from "../../scripts/model/package.ts";

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
