import { compareVersions } from "../../scripts/formats/alpine/version.ts";
import type { Provider } from "./candidates.ts";

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
