import { sortVersions } from "../../formats/alpine/version.ts";
import { tagFor, VARIANTS, type Variant } from "../../model/target.ts";
import type { VersionFile } from "../schema/schema.ts";

/** A tag that the catalog gives to a target, and where in the image's entry it does so. */
export interface TagClaim {
  readonly tag: string;
  readonly version: string;
  readonly variant: Variant;
  /** The way from the image to the key or list item that the tag comes from. */
  readonly path: readonly (string | number)[];
}

/** What of the versions of an image decides on its tags. */
export type TaggedVersions = Readonly<Record<string, Pick<VersionFile, "latest" | "tags">>>;
type RuntimeClaim = Omit<TagClaim, "variant">;

/** The versions of an image, newest first. A JavaScript object does not keep the order of such keys. */
export function versionsNewestFirst(versions: TaggedVersions): string[] {
  return sortVersions(Object.keys(versions)).reverse();
}

/**
 * Every tag that an image's entry gives: for each version its own name, the prefixes that it is the newest
 * of, its further tags, and `latest`; and the same for dev. In a good catalog no tag is there twice.
 */
export function tagClaims(versions: TaggedVersions): TagClaim[] {
  const names = versionsNewestFirst(versions);
  const prefixes = prefixOwners(versions, names);
  const claims = names.flatMap((version) => [
    { tag: version, version, path: ["versions", version] },
    ...prefixClaims(version, prefixes),
    ...moreTags(versions, version),
  ]);
  const all = [...claims, ...latestClaims(versions, names)];
  return VARIANTS.flatMap((variant) =>
    all.map((claim) => ({ ...claim, variant, tag: tagFor(variant, claim.tag) })),
  );
}

function moreTags(versions: TaggedVersions, version: string): RuntimeClaim[] {
  const places = new Map<string, number>();
  for (const [place, tag] of (versions[version]?.tags ?? []).entries()) {
    if (!places.has(tag)) places.set(tag, place);
  }
  return [...places].map(([tag, place]) => ({ tag, version, path: ["versions", version, "tags", place] }));
}

/** Prefix → the newest version that begins so: unless a version or a further tag is called so. */
function prefixOwners(versions: TaggedVersions, newestFirst: readonly string[]): Map<string, string> {
  const taken = new Set([...newestFirst, ...newestFirst.flatMap((name) => versions[name]?.tags ?? [])]);
  const owners = new Map<string, string>();
  for (const version of newestFirst) {
    for (const prefix of prefixesOf(version)) {
      if (!taken.has(prefix) && !owners.has(prefix)) owners.set(prefix, version);
    }
  }
  return owners;
}

/** `3` for 3.14 where 3.11 is there too. */
function prefixClaims(version: string, owners: ReadonlyMap<string, string>): RuntimeClaim[] {
  return prefixesOf(version)
    .filter((prefix) => owners.get(prefix) === version)
    .map((tag) => ({ tag, version, path: ["versions", version] }));
}

/** `3.12.1` → `3.12`, `3`. */
function prefixesOf(version: string): string[] {
  const parts = version.split(".");
  return parts
    .map((_, index) => parts.slice(0, index).join("."))
    .slice(1)
    .reverse();
}

/** Whoever says `latest: true`, otherwise the newest that does not say `latest: false`. */
function latestClaims(versions: TaggedVersions, newestFirst: readonly string[]): RuntimeClaim[] {
  const chosen = newestFirst.filter((version) => versions[version]?.latest === true);
  if (chosen.length > 0) {
    return chosen.map((version) => ({ tag: "latest", version, path: ["versions", version, "latest"] }));
  }
  const newest = newestFirst.find((version) => versions[version]?.latest !== false);
  return newest === undefined ? [] : [{ tag: "latest", version: newest, path: ["versions", newest] }];
}
