import type { Dependency } from "../../scripts/formats/alpine/dependency.ts";
import type { PackageCandidate } from "./candidates.ts";

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
