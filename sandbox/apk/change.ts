import type { InstalledPackage } from "../../scripts/formats/alpine/installed.ts";
import type { Package } from "../../scripts/model/package.ts";
import { Candidates } from "./candidates.ts";
import { installationOrder } from "./order.ts";

/** One step from what is installed to what shall be. */
export type InstallStep =
  | { readonly kind: "install"; readonly package: Package }
  | { readonly kind: "upgrade"; readonly package: Package; readonly from: InstalledPackage }
  | { readonly kind: "purge"; readonly from: InstalledPackage };

/** The steps from what is installed to a solution: what goes, and then what comes, in the solution's order. */
export function changes(installed: readonly InstalledPackage[], solution: readonly Package[]): InstallStep[] {
  const there = new Map(installed.map((each) => [each.name, each]));
  const wanted = new Set(solution.map(({ name }) => name));
  const purged = dependentsFirst(installed.filter(({ name }) => !wanted.has(name)));
  return [
    ...purged.map((from): InstallStep => ({ kind: "purge", from })),
    ...solution.flatMap((each) => changeTo(each, there.get(each.name))),
  ];
}

/** Packages in the order to remove them. */
function dependentsFirst(packages: readonly InstalledPackage[]): InstalledPackage[] {
  const candidates = new Candidates([], packages);
  const order = installationOrder([], candidates.all, (name) => candidates.providersOf(name)[0]?.candidate);
  const named = new Map(packages.map((each) => [each.name, each]));
  return order.reverse().flatMap((candidate) => named.get(candidate.package.name) ?? []);
}

function changeTo(each: Package, from: InstalledPackage | undefined): InstallStep[] {
  if (from === undefined) return [{ kind: "install", package: each }];
  return from.checksum === each.checksum ? [] : [{ kind: "upgrade", package: each, from }];
}

/** `Installing musl (1.2.5-r0)`: in apk's words. */
export function describeChange(change: InstallStep): string {
  switch (change.kind) {
    case "install":
      return `Installing ${change.package.name} (${change.package.version})`;
    case "upgrade":
      return `Upgrading ${change.package.name} (${change.from.version} -> ${change.package.version})`;
    case "purge":
      return `Purging ${change.from.name} (${change.from.version})`;
  }
}
