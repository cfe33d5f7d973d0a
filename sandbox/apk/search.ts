import type { Dependency } from "../../scripts/formats/alpine/dependency.ts";
import {
  type Candidates,
  offersMatch,
  type PackageCandidate,
  type Provider,
  preferred,
} from "./candidates.ts";
import type { Problem } from "./problem.ts";
import { formatDependency, matches } from "./words.ts";

/** Something that must, or must not, be there, and who says so: `world` or a candidate's label. */
export interface Demand {
  readonly dependency: Dependency;
  readonly by: string;
}

/** One attempt to find a set of packages. Choices are never taken back: where one turns out wrong, it ends. */
export class Search {
  readonly selected = new Set<PackageCandidate>();
  /** Who provides each name that something selected provides. */
  readonly chosen = new Map<string, Provider>();
  readonly #candidates: Candidates;
  readonly #constraints = new Map<string, Demand[]>();
  #open: Demand[] = [];
  /** Demands that nothing can meet. */
  readonly #lost: Demand[] = [];

  /**
   * @param world what must be there
   * @param known demands that restrict the choice wherever it falls on their names, but require nothing
   */
  constructor(candidates: Candidates, world: readonly Demand[], known: readonly Demand[]) {
    this.#candidates = candidates;
    for (const demand of [...known, ...world]) this.#constrain(demand);
    this.#open = world.filter(({ dependency }) => !dependency.conflict);
  }

  /**
   * Selects until nothing is left to ask for.
   *
   * @returns a demand that an earlier choice does not meet, where there is one: to be known in the next attempt
   */
  run(): Demand | undefined {
    for (;;) {
      const next = this.#nextProvider() ?? this.#nextConditional();
      if (next === undefined) return undefined;
      const clash = this.#select(next);
      if (clash !== undefined) return clash;
    }
  }

  /** What could not be met, and why: names that nobody provides first. Empty where all is well. */
  problems(): Problem[] {
    const problems = unique(this.#lost.map(({ dependency }) => dependency.name)).map((name) =>
      this.#problem(name),
    );
    return [
      ...problems.filter(({ kind }) => kind === "missing"),
      ...problems.filter(({ kind }) => kind === "ambiguous"),
      ...uniqueBy(
        problems.filter((problem) => problem.kind === "broken"),
        (problem) => problem.package,
      ),
    ];
  }

  /** The provider for an open demand: where there is no choice first, so that every choice knows as much as it can. */
  #nextProvider(): PackageCandidate | undefined {
    this.#open = this.#open.filter((demand) => !this.#isMet(demand));
    let choice: readonly Provider[] = [];
    for (const demand of [...this.#open]) {
      const fitting = this.#fitting(demand.dependency.name);
      if (fitting.length === 1) return fitting[0]?.candidate;
      if (fitting.length === 0) this.#giveUp(demand);
      else if (choice.length === 0) choice = fitting;
    }
    return preferred(choice)?.candidate;
  }

  #giveUp(demand: Demand): void {
    this.#lost.push(demand);
    this.#open = this.#open.filter((each) => each !== demand);
  }

  /** A package that is installed by itself, since all that it waits for is selected. */
  #nextConditional(): PackageCandidate | undefined {
    const triggered = this.#candidates.conditional.filter(
      (each) =>
        !this.chosen.has(each.package.name) &&
        each.installIf.every((dependency) => this.#isMet({ dependency, by: "" })) &&
        this.#isPermitted(each) &&
        this.#lacksNothing(each),
    );
    const name = triggered[0]?.package.name;
    return preferred(this.#fitting(name ?? "").filter(({ candidate }) => triggered.includes(candidate)))
      ?.candidate;
  }

  #select(candidate: PackageCandidate): Demand | undefined {
    this.selected.add(candidate);
    for (const offer of candidate.offers) {
      if (!this.chosen.has(offer.name)) this.chosen.set(offer.name, { candidate, offer });
    }
    for (const dependency of candidate.dependencies) {
      const demand = { dependency, by: candidate.label };
      if (this.#isViolated(demand, candidate)) return demand;
      this.#constrain(demand);
      if (!dependency.conflict) this.#open.push(demand);
    }
    return undefined;
  }

  #constrain(demand: Demand): void {
    const { name } = demand.dependency;
    this.#constraints.set(name, [...(this.#constraints.get(name) ?? []), demand]);
  }

  #isMet({ dependency }: Demand): boolean {
    const provider = this.chosen.get(dependency.name);
    return provider !== undefined && matches(dependency, provider.offer);
  }

  /** Whether an earlier choice is what the demand forbids, or stands in its way. */
  #isViolated(demand: Demand, by: PackageCandidate): boolean {
    const { dependency } = demand;
    if (!dependency.conflict) return this.chosen.has(dependency.name) && !this.#isMet(demand);
    return [...this.selected].some((each) => each !== by && offersMatch(each, dependency));
  }

  /** The providers of a name that may be selected; those that lack nothing, if there are such. */
  #fitting(name: string): readonly Provider[] {
    const permitted = this.#candidates
      .providersOf(name)
      .filter((provider) => this.#isPermitted(provider.candidate) && this.#mayBeTaken(provider));
    const complete = permitted.filter(({ candidate }) => this.#lacksNothing(candidate));
    return complete.length > 0 ? complete : permitted;
  }

  /** No demand forbids it, and nothing selected provides the same name in a version of its own. */
  #isPermitted(candidate: PackageCandidate): boolean {
    return (
      this.#broken(candidate).length === 0 &&
      candidate.offers.every((offer) => this.#isFree(offer.name, candidate, offer.version))
    );
  }

  #isFree(name: string, candidate: PackageCandidate, version: string | undefined): boolean {
    const holder = this.chosen.get(name);
    if (holder === undefined || holder.candidate === candidate) return true;
    return version === undefined && holder.offer.version === undefined;
  }

  /**
   * A name that several packages provide without a version is a matter of taste, and apk does not guess: one must
   * have a priority, or be asked for by its own name.
   */
  #mayBeTaken({ candidate, offer }: Provider): boolean {
    if (offer.version !== undefined || candidate.package.providerPriority > 0) return true;
    const asked = this.#constraints.get(candidate.package.name) ?? [];
    return (
      this.#candidates.providersOf(offer.name).length === 1 ||
      asked.some(({ dependency }) => !dependency.conflict)
    );
  }

  #lacksNothing(candidate: PackageCandidate): boolean {
    return candidate.dependencies.every((dependency) =>
      dependency.conflict
        ? ![...this.selected].some((each) => offersMatch(each, dependency))
        : this.#candidates
            .providersOf(dependency.name)
            .some(
              ({ candidate: other, offer }) => matches(dependency, offer) && this.#broken(other).length === 0,
            ),
    );
  }

  /** The demands that a candidate would break. */
  #broken(candidate: PackageCandidate): Demand[] {
    return this.#demandsOn(candidate, (demand, isMatch) => isMatch === demand.dependency.conflict);
  }

  #demandsOn(candidate: PackageCandidate, include: (demand: Demand, isMatch: boolean) => boolean): Demand[] {
    return candidate.offers.flatMap((offer) =>
      (this.#constraints.get(offer.name) ?? []).filter(
        (demand) => demand.by !== candidate.label && include(demand, matches(demand.dependency, offer)),
      ),
    );
  }

  #problem(name: string): Problem {
    const providers = this.#candidates.providersOf(name);
    const requiredBy = this.#lost
      .filter(({ dependency }) => dependency.name === name)
      .map((one) => label(one));
    const best = preferred(providers)?.candidate;
    if (best === undefined) return { kind: "missing", name, requiredBy };
    if (providers.some(({ candidate }) => this.#isPermitted(candidate))) {
      const providedBy = providers.map(({ candidate }) => candidate.package.name);
      return { kind: "ambiguous", name, providedBy, requiredBy };
    }
    const holders = best.offers.flatMap((offer) => this.chosen.get(offer.name)?.candidate.label ?? []);
    const met = this.#demandsOn(best, (demand, isMatch) => isMatch && !demand.dependency.conflict);
    return {
      kind: "broken",
      package: best.label,
      conflicts: unique(holders),
      breaks: unique(this.#broken(best).map((one) => label(one))),
      satisfies: unique(met.map((one) => label(one))),
    };
  }
}

/** `world[nodejs~22]`: as apk names a demand in its messages. */
function label({ dependency, by }: Demand): string {
  return `${by}[${formatDependency(dependency)}]`;
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
