import { editDistance } from "../catalog/text/problems.ts";
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

/** How many letters a name may be off: of sixty thousand names, one is within three of nearly anything. */
const MOST = 2;
/** How many names are given where several are equally near, as php82-fpm and php83-fpm are to php8-fpm. */
const NAMED = 3;

/** Answers that were given: many targets ask for the same. */
const found = new WeakMap<Offer, Map<string, readonly string[]>>();

/**
 * The names of an offer that a misspelt one may have been meant to be, the nearest only. Pure. What packages provide is
 * compared with its own kind: `cmd:nodee` with `cmd:node`, never with `node`.
 */
export function nearestPackages(name: string, offer: Offer): readonly string[] {
  const known = found.get(offer) ?? new Map<string, readonly string[]>();
  found.set(offer, known);
  const near = known.get(name) ?? search(name, offer);
  known.set(name, near);
  return near;
}

function search(name: string, offer: Offer): string[] {
  const kind = kindOf(name);
  let least = Math.min(MOST, Math.floor(name.length / 3));
  let near: string[] = [];
  for (const candidate of offer.keys()) {
    // The length alone excludes most.
    if (Math.abs(candidate.length - name.length) > least || kindOf(candidate) !== kind) continue;
    const distance = editDistance(name, candidate);
    if (distance > least) continue;
    if (distance < least) near = [];
    least = distance;
    near.push(candidate);
  }
  return near.sort().slice(0, NAMED);
}

/** `cmd` of `cmd:node`, `so` of `so:libc.musl-x86_64.so.1`; nothing of a package's own name. */
function kindOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(":")));
}
