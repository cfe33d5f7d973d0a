import { compareVersions } from "../alpine/version.ts";
import type { VersionFile } from "./schema.ts";
import { VARIANTS, type Variant } from "./target.ts";

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
  return Object.keys(versions).sort((a, b) => compareVersions(b, a));
}

/**
 * Every tag that an image's entry gives: for each version its own name, the prefixes that it is the newest
 * of, its further tags, and `latest`; and the same for dev. In a good catalog no tag is there twice.
 */
export function tagClaims(versions: TaggedVersions): TagClaim[] {
  const names = versionsNewestFirst(versions);
  const claims = names.flatMap((version) => [
    { tag: version, version, path: ["versions", version] },
    ...prefixClaims(versions, names, version),
    ...moreTags(versions, version),
  ]);
  const all = [...claims, ...latestClaims(versions, names)];
  return VARIANTS.flatMap((variant) =>
    all.map((claim) => ({ ...claim, variant, tag: tagFor(variant, claim.tag) })),
  );
}

/** `22` → `22-dev` and `latest` → `dev` for dev, the tag itself for runtime. */
export function tagFor(variant: Variant, tag: string): string {
  if (variant === "runtime") return tag;
  return tag === "latest" ? "dev" : `${tag}-dev`;
}

function moreTags(versions: TaggedVersions, version: string): RuntimeClaim[] {
  const tags = [...new Set(versions[version]?.tags)];
  return tags.map((tag) => ({
    tag,
    version,
    path: ["versions", version, "tags", versions[version]?.tags.indexOf(tag) ?? 0],
  }));
}

/** `3` for 3.14 where 3.11 is there too: unless a version or a further tag is called so. */
function prefixClaims(
  versions: TaggedVersions,
  newestFirst: readonly string[],
  version: string,
): RuntimeClaim[] {
  const taken = new Set([...newestFirst, ...newestFirst.flatMap((name) => versions[name]?.tags ?? [])]);
  return prefixesOf(version)
    .filter((prefix) => !taken.has(prefix))
    .filter((prefix) => newestFirst.find((name) => prefixesOf(name).includes(prefix)) === version)
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
