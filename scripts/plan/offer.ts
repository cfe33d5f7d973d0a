import { parseProvisions } from "../formats/alpine/dependency.ts";
import type { Package } from "../model/package.ts";

/** What a branch of a mirror offers: the name of a package, or of what one provides → its versions. */
export type Offer = ReadonlyMap<string, readonly string[]>;

/** Everything that can be asked for by name among these packages. */
export function offerOf(packages: readonly Package[]): Offer {
  const offer = new Map<string, string[]>();
  const add = (name: string, version: string | undefined) => {
    const versions = offer.get(name) ?? [];
    if (version !== undefined) versions.push(version);
    offer.set(name, versions);
  };
  for (const { name, version, provides } of packages) {
    add(name, version);
    for (const provision of parseProvisions(provides)) add(provision.name, provision.version);
  }
  return offer;
}
