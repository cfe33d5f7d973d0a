import { sortVersions } from "../../formats/alpine/version.ts";
import { tagFor, VARIANTS, type Variant } from "../../model/target.ts";
import { groupBy } from "../../system/group.ts";
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
/** What of an image does. */
export interface TaggedImage {
  readonly versions: TaggedVersions;
  readonly debug?: boolean | undefined;
}

/** The variants that an image has. */
export function variantsOf({ debug = false }: Pick<TaggedImage, "debug">): readonly Variant[] {
  return debug ? [...VARIANTS, "debug"] : VARIANTS;
}

type RuntimeClaim = Omit<TagClaim, "variant">;

/** The versions of an image, newest first. A JavaScript object does not keep the order of such keys. */
export function versionsNewestFirst(versions: TaggedVersions): string[] {
  return sortVersions(Object.keys(versions)).reverse();
}

/**
 * Every tag that an image's entry gives: for each version its own name, the prefixes that it is the newest
 * of, its further tags, and `latest`; and the same for dev, and for debug. In a good catalog no tag is there twice.
 */
export function tagClaims({ versions, debug = false }: TaggedImage): TagClaim[] {
  const names = versionsNewestFirst(versions);
  // `3` is of 3.14 where 3.11 is there too, and of neither where a version or a further tag is called so.
  const taken = new Set([...names, ...names.flatMap((name) => versions[name]?.tags ?? [])]);
  const claims = names.flatMap((version): RuntimeClaim[] => {
    const path = ["versions", version];
    const prefixes = prefixesOf(version).filter((prefix) => !taken.has(prefix));
    for (const prefix of prefixes) taken.add(prefix);
    const more = groupBy(versions[version]?.tags.entries() ?? [], ([, tag]) => tag);
    return [
      ...[version, ...prefixes].map((tag) => ({ tag, version, path })),
      ...[...more].map(([tag, [[place]]]) => ({ tag, version, path: [...path, "tags", place] })),
    ];
  });
  const all = [...claims, ...latestClaims(versions, names)];
  return variantsOf({ debug }).flatMap((variant) =>
    all.map((claim) => ({ ...claim, variant, tag: tagFor(variant, claim.tag) })),
  );
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
