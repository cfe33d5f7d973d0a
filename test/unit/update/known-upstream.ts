import { emptyDraft } from "../../../scripts/formats/alpine/entry.ts";
import type { Package } from "../../../scripts/model/package.ts";
import type { PackagesByName, Upstream } from "../../../scripts/upstream/upstream.ts";
import { knownPackages } from "../../support/known-packages.ts";

/** Packages by branch, each as `nodejs 22.16.0-r2` or, with what it provides, `nodejs-current 26.1.0-r0 nodejs=26.1.0`. */
export type PackagesOn = Readonly<Record<string, readonly string[]>>;

/** As much of Alpine as a test writes down. A branch that is not there the mirror has not. */
export function fakeUpstream(packages: PackagesOn): Pick<Upstream, "packages"> {
  return {
    packages: async (branch) => {
      const there = packages[branch];
      if (!there) return { value: undefined };
      return {
        value: byName(
          there.map((words) => {
            const [name = "", version = "", ...provides] = words.split(" ");
            return packageOf(name, version, provides.join(" "));
          }),
        ),
      };
    },
  };
}

/** Alpine's main and community as the tables at hand know them, whatever the architecture. */
export function knownUpstream(): Pick<Upstream, "packages"> {
  return {
    packages: async (branch) => {
      const { offers } = knownPackages(branch);
      const packages = [...offers.values()]
        .flat()
        .map((offer) => packageOf(offer.name, offer.version ?? "0"));
      return { value: packages.length === 0 ? undefined : byName(packages) };
    },
  };
}

function packageOf(name: string, version: string, provides = ""): Package {
  return { ...emptyDraft(), name, version, provides };
}

function byName(packages: readonly Package[]): PackagesByName {
  const groups = new Map<string, Package[]>();
  for (const one of packages) groups.set(one.name, [...(groups.get(one.name) ?? []), one]);
  return groups;
}
