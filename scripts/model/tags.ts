import { createHash } from "node:crypto";
import type { Target, Variant } from "./target.ts";

/**
 * All tags of a published image: those the catalog gives it, and the exact ones of what was installed.
 * `node:22` with 22.16.0 in it has `22`, `22.16`, `22.16.0`; its dev variant has the same with `-dev`.
 * A tag that the catalog gives to another target is that one's: where there is a version 3.12, a 3 with 3.12.4
 * in it is no `3.12`.
 * @param version exact version installed, such as `22.16.0`
 * @param targets all targets of the catalog
 */
export function tagsOf(target: Target, version: string, targets: readonly Target[]): string[] {
  const known = target.version.split(".").length;
  const exact = exactTags(target.variant, version).slice(known);
  const own = exact.filter((tag) => !isOfAnother(tag, target, targets) && reservedTag(tag) === undefined);
  return [...new Set([...target.tags, ...own])];
}

/** The tags that say a version, from `22` to `22.16.0`, in a variant's form. Pure. */
export function exactTags(variant: Variant, version: string): string[] {
  const parts = version.split(".");
  const suffix = suffixOf(variant);
  return parts.map((_, index) => {
    return tagText(parts.slice(0, index + 1).join("."), LONGEST_TAG - suffix.length) + suffix;
  });
}

/** What the tags of a variant end in. */
function suffixOf(variant: Variant): string {
  return variant === "runtime" ? "" : `-${variant}`;
}

/** Whether the catalog gives a tag to another target of the same image. */
export function isOfAnother(tag: string, { image, name }: Target, targets: readonly Target[]): boolean {
  const owners = ownersOf(targets).get(`${image}:${tag}`) ?? [];
  return owners.some((owner) => owner !== name);
}

/** `IMAGE:TAG` → the targets that the catalog gives it to. */
type Owners = Map<string, string[]>;

/** A catalog has tens of thousands of targets, and each asks for the tags of all others. */
const ownersByTargets = new WeakMap<readonly Target[], Owners>();

function ownersOf(targets: readonly Target[]): Owners {
  const known = ownersByTargets.get(targets);
  if (known) return known;
  const owners: Owners = new Map();
  for (const { image, name, tags } of targets) {
    for (const tag of tags) {
      const names = owners.get(`${image}:${tag}`);
      if (names) names.push(name);
      else owners.set(`${image}:${tag}`, [name]);
    }
  }
  ownersByTargets.set(targets, owners);
  return owners;
}

/** How long a tag may be. Source: OCI distribution specification 1.1, "Pulling manifests". */
const LONGEST_TAG = 128;

/** Digits of a hash that tell apart what would be one tag. */
const MARK = 8;

/**
 * A version as a tag may have it: letters, digits, `_`, `.` and `-`, and not too many. Alpine's own have one other
 * sign at most, the `~` before the hash of a commit, and no two of them give one tag, since nothing else behind a
 * `_` is of hexadecimal digits only. Any other version that has to be changed ends in a hash of what it was.
 */
function tagText(version: string, most: number): string {
  const clean = cleaned(version);
  const isTold = !/[^\w.~-]|^[.-]/.test(version) && clean.length <= most;
  if (isTold) return clean;
  const hash = createHash("sha256").update(version).digest("hex").slice(0, MARK);
  return `${clean.slice(0, most - MARK - 1)}-${hash}`;
}

/** With a `_` for each sign that a tag may not have, or not begin with. */
function cleaned(text: string): string {
  return text.replace(/[^\w.-]/g, "_").replace(/^[.-]/, "_");
}

/** Digits of a digest that name a build. */
const SHORT = 12;

/**
 * The tag of one build, which is never moved: `22.16.0-r2-4f0c6a1b9d3e`, and with `-dev` in the dev variant. It ends
 * in the image's digest, not in a fingerprint of its inputs: packages move under the same inputs, and a tag that
 * named two images would not be one to pin.
 * @param revision the version of the package with its build, as `22.16.0-r2`
 */
export function buildTag(variant: Variant, revision: string, digest: string): string {
  const short = digest.slice(digest.indexOf(":") + 1).slice(0, SHORT);
  const build = /-r\d{1,9}$/.exec(revision)?.[0] ?? "";
  const end = `${build}-${short}${suffixOf(variant)}`;
  // Cut or changed, it is no other build's: the digest tells.
  return cleaned(revision.slice(0, revision.length - build.length)).slice(0, LONGEST_TAG - end.length) + end;
}

/** Whether a tag is that of one build. */
export function isBuildTag(tag: string): boolean {
  return /-r\d+-[0-9a-f]{12}(-dev|-debug)?$/.test(tag);
}

/**
 * Tags and names that Birdhouse, or the way registries keep things, needs for something else than images. A catalog may
 * not set them, no version of an image may give one, and an import may not contain one.
 */

/** Of the repository that has the lock, in a catalog's namespace. */
export const LOCK_IMAGE = "birdhouse";
export const LOCK_TAG = "lock";

/** Beside a tag: `22.history` has what `22` pointed at. */
export const HISTORY_SUFFIX = ".history";

/** Beside a tag: `22.ledger` has what became of the vulnerabilities of `22`. */
export const LEDGER_SUFFIX = ".ledger";

/** Beside a tag: `22.half-arm64` has what one machine made of `22`, until all of it is joined. */
const HALF = ".half-";

/** Where the part of an image is that one machine made, by the platform that it is of: `22`, `linux/arm64` → `22.half-arm64`. */
export function halfTag(tag: string, platform: string): string {
  return tag + HALF + platform.slice(platform.indexOf("/") + 1);
}

/** Beside a history's tag: where something else is kept that stood in its place. */
export const ASIDE = `${HISTORY_SUFFIX}-aside-`;

const RESERVED = [
  { pattern: /\.history$/i, because: "the history of a tag is kept there" },
  { pattern: /\.ledger$/i, because: "what became of the vulnerabilities of a tag is kept there" },
  { pattern: /\.half-[a-z0-9]+$/i, because: "what one machine made of a tag is kept there" },
  { pattern: /\.history-aside-/i, because: "what was found in a history's place is kept there" },
  // Sources: distribution spec 1.1, "Referrers Tag Schema"; cosign's doc/cosign_sign.md, "Signature Location".
  { pattern: /^sha256-/i, because: "signatures and SBOMs of an image are listed there" },
  { pattern: /-r\d{1,9}-[0-9a-f]{12}(?:-dev|-debug)?$/, because: "it has the form of the tag of one build" },
];

/**
 * Why no image may have a tag; undefined where one may. Case does not count: some registries, and file
 * systems behind them, ignore it.
 */
export function reservedTag(tag: string): string | undefined {
  return RESERVED.find(({ pattern }) => pattern.test(tag))?.because;
}

/** Why no image may have a name; undefined where one may. */
export function reservedImage(name: string): string | undefined {
  return name.toLowerCase() === LOCK_IMAGE
    ? "the publish lock is kept in the repository of this name"
    : undefined;
}
