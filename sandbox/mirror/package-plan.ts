import { type Alternatives, apkVersion, type DebianPackage } from "../debian-control.ts";
import type { NpmPart, Recipe, Recipes } from "./recipe.ts";
import { isLeftOut } from "./trimming.ts";

/** One apk package to make: what it says of itself, and what goes into it. */
export interface PackagePlan {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly depends: readonly string[];
  /** Names of Debian packages. */
  readonly debian: readonly string[];
  readonly npm?: NpmPart;
  readonly recipe: Recipe;
}

/** What is known of the sources: Debian's packages by name, and the versions that npm specs stand for. */
export interface RecipeSources {
  readonly debian: ReadonlyMap<string, DebianPackage>;
  readonly npm: ReadonlyMap<string, string>;
}

/** The Debian packages that these names stand for: what to ask apt for. */
export function debianRoots(recipes: Recipes, names: readonly string[]): string[] {
  const roots = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const recipe = recipes[name];
    if (!recipe) roots.add(name);
    for (const held of recipe?.holds ?? []) roots.add(held);
    for (const taken of Object.keys(recipe?.takes ?? {})) roots.add(taken);
    for (const needed of recipe?.needs ?? []) visit(needed);
  };
  for (const name of names) visit(name);
  return [...roots].sort();
}

/**
 * The packages to make so that these names and all they depend on are there, in the order of their names.
 * @throws Error when a dependency is nowhere to be found, which only a wrong recipe brings about
 */
export function planPackages(
  recipes: Recipes,
  sources: RecipeSources,
  names: readonly string[],
): PackagePlan[] {
  const planner = new Planner(recipes, sources);
  const plans = new Map<string, PackagePlan>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (plans.has(name)) continue;
    const plan = planner.plan(name);
    plans.set(name, plan);
    queue.push(...plan.depends);
  }
  return [...plans.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

class Planner {
  /** Debian package → the apk package that holds it. */
  readonly #holders = new Map<string, string>();
  /** Virtual package → the Debian package that provides it. */
  readonly #providers = new Map<string, string>();

  constructor(
    readonly recipes: Recipes,
    readonly sources: RecipeSources,
  ) {
    for (const [name, recipe] of Object.entries(recipes)) {
      for (const held of recipe.holds ?? []) this.#holders.set(held, name);
    }
    for (const { name, provides } of sources.debian.values()) {
      for (const virtual of provides) if (!this.#providers.has(virtual)) this.#providers.set(virtual, name);
    }
  }

  plan(name: string): PackagePlan {
    const recipe = this.recipes[name] ?? { holds: [name] };
    const held = (recipe.holds ?? []).map((debian) => this.#debian(debian, name));
    const taken = Object.keys(recipe.takes ?? {}).map((debian) => this.#debian(debian, name));
    const depends = new Set((recipe.needs ?? []).map((needed) => this.#find(needed, name)));
    for (const debian of held) {
      for (const alternatives of debian.depends) {
        const found = this.#choose(alternatives, debian.name);
        if (found !== undefined && found !== name) depends.add(found);
      }
    }
    return {
      name,
      version: this.#version(recipe, held[0], name),
      description: held[0]?.description ?? `${name}, for the Birdhouse sandbox`,
      depends: [...depends].sort(),
      debian: [...held, ...taken].map((debian) => debian.name),
      ...(recipe.npm && { npm: recipe.npm }),
      recipe,
    };
  }

  #debian(debian: string, name: string): DebianPackage {
    const found = this.sources.debian.get(debian);
    if (!found)
      throw new Error(`package ${name} of the sandbox needs Debian's ${debian}, which is not there`);
    return found;
  }

  #version(recipe: Recipe, first: DebianPackage | undefined, name: string): string {
    if (recipe.version !== undefined) return `${recipe.version}-r0`;
    if (recipe.npm) {
      const version = this.sources.npm.get(recipe.npm.spec);
      if (version === undefined)
        throw new Error(`package ${name} of the sandbox needs npm's ${recipe.npm.spec}`);
      return `${version}-r0`;
    }
    if (first) return apkVersion(first.version);
    const [needed] = recipe.needs ?? [];
    if (needed === undefined)
      throw new Error(`package ${name} of the sandbox has no version: its recipe must say one`);
    return this.plan(this.#find(needed, name)).version;
  }

  /** The apk package that fulfils a dependency of a Debian package; none for one that is left out. */
  #choose(alternatives: Alternatives, dependent: string): string | undefined {
    if (alternatives.some((name) => isLeftOut(name, dependent))) return undefined;
    const known = alternatives.find((name) => this.#lookUp(name) !== undefined);
    return this.#find(known ?? alternatives.join(" | "), dependent);
  }

  #find(name: string, dependent: string): string {
    const found = this.#lookUp(name);
    if (found === undefined)
      throw new Error(`${dependent} depends on ${name}, which the sandbox does not have`);
    return found;
  }

  #lookUp(name: string): string | undefined {
    const holder = this.#holders.get(name);
    if (holder !== undefined && !this.recipes[name]) return holder;
    if (this.recipes[name] || this.sources.debian.has(name)) return name;
    const provider = this.#providers.get(name);
    return provider === undefined ? undefined : (this.#holders.get(provider) ?? provider);
  }
}
