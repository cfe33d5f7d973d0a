import { type Dependency, parseDependencies, parseProvisions } from "../formats/alpine/dependency.ts";
import { compareVersions, satisfies } from "../formats/alpine/version.ts";
import type { Package } from "../model/package.ts";
import type { PackagesByName } from "../upstream/upstream.ts";

/** What of a branch can be installed. */
interface Providers {
  /** Under each name, a package's own and those that it provides. */
  readonly byName: ReadonlyMap<string, readonly Package[]>;
  /** What comes by itself, where all that it names is there. */
  readonly conditional: readonly { readonly name: string; readonly conditions: readonly Dependency[] }[];
}

/** Everything that the packages of a branch provide, by name. Large: not to be kept beyond its use. */
export function providersIn(packages: PackagesByName): Providers {
  const byName = new Map<string, Package[]>();
  const add = (name: string, one: Package) => {
    const known = byName.get(name);
    if (!known) byName.set(name, [one]);
    else if (!known.includes(one)) known.push(one);
  };
  for (const [name, builds] of packages) {
    for (const one of builds) {
      add(name, one);
      for (const provision of parseProvisions(one.provides)) add(provision.name, one);
    }
  }
  const conditional = [...packages.values()]
    .flat()
    .filter(({ installIf }) => installIf !== "")
    .map(({ name, installIf }) => ({ name, conditions: parseDependencies(installIf) }));
  return { byName, conditional };
}

/**
 * The packages that a world will come to, with all that they need. Pure. An estimate, which is apk's own result but for
 * rare conflicts, and no more than that is asked of it: what apk has installed is held against it afterwards. Of a name
 * that nothing provides, nothing comes.
 */
export function closureOf(world: readonly Dependency[], providers: Providers): ReadonlySet<Package> {
  const chosen = new Set<Package>();
  const wanted = world.filter(({ conflict }) => !conflict);
  const isThere = ({ name }: Dependency) =>
    providers.byName.get(name)?.some((one) => chosen.has(one)) ?? false;
  const take = (first: readonly Dependency[]) => {
    const open = [...first];
    for (let need = open.shift(); need !== undefined; need = open.shift()) {
      if (need.conflict || isThere(need)) continue;
      const found = preferred(need, providers, world);
      if (!found) continue;
      chosen.add(found);
      open.push(...parseDependencies(found.dependencies));
    }
  };
  take(wanted);
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size;
    for (const { name, conditions } of providers.conditional) {
      if (conditions.every((condition) => condition.conflict !== isThere(condition)))
        take([{ name, conflict: false }]);
    }
  }
  return chosen;
}

/** The one that apk would take: of that very name before what only provides it, by priority, and the newest. */
function preferred(
  need: Dependency,
  providers: Providers,
  world: readonly Dependency[],
): Package | undefined {
  const { name } = need;
  const fitting = (providers.byName.get(name) ?? []).filter((one) =>
    [need, ...world.filter((other) => other.name === one.name)].every((item) => fits(one, item)),
  );
  return fitting.sort(
    (a, b) =>
      Number(b.name === name) - Number(a.name === name) ||
      b.providerPriority - a.providerPriority ||
      compareVersions(b.version, a.version),
  )[0];
}

/** Whether a package is what an item asks for, under its own name or another. */
function fits(one: Package, { name, constraint, conflict }: Dependency): boolean {
  if (!constraint) return !conflict;
  const version =
    one.name === name
      ? one.version
      : parseProvisions(one.provides).find((provision) => provision.name === name)?.version;
  return version !== undefined && satisfies(version, constraint.operator, constraint.version) !== conflict;
}
