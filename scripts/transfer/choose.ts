import { selectTargets } from "../catalog/targets/select.ts";
import { readBase, readSizes } from "../formats/annotations.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import { exactTags, isBuildTag, isOfAnother } from "../model/tags.ts";
import { eachOf, releaseOf, releasesOf, type Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { type ExportedImage, notOurs } from "./exported.ts";
import type { ImportedImage, ImportedRelease } from "./send.ts";

/** Those tags of an image that no other target of the catalog has a claim to. Pure. */
export function ownTags(tags: readonly string[], target: Target, targets: readonly Target[]): string[] {
  return tags.filter((tag) => !isOfAnother(tag, target, targets)).toSorted();
}

/** The targets that patterns mean, each with the other variant of its version: they travel together. Pure. */
export function withPairs(targets: readonly Target[], patterns: readonly string[]): Target[] {
  const named = new Set(selectTargets(targets, patterns));
  const releases = new Set([...named].map((target) => releaseOf(target)));
  return releasesOf(targets.filter((target) => releases.has(releaseOf(target)))).flatMap((one) =>
    eachOf(one),
  );
}

/**
 * What of an export is to be sent, by version. Pure.
 * @param patterns as on the command line; none means all
 * @param place the export as it was named, for errors
 * @throws UserError where the catalog does not know an image, or the export lacks one that was asked for
 */
export function releasesToImport(
  images: readonly ExportedImage[],
  patterns: readonly string[],
  targets: readonly Target[],
  place: string,
): ImportedRelease[] {
  const byTarget = new Map(images.map((image) => [image.target, image]));
  const wanted = patterns.length > 0 ? withPairs(targets, patterns) : targets;
  for (const pattern of patterns) {
    if (selectTargets(targets, [pattern]).some(({ name }) => byTarget.has(name))) continue;
    throw new UserError(`${place} does not hold ${pattern}; it holds ${[...byTarget.keys()].join(", ")}`);
  }
  const names = new Set(targets.map(({ name }) => name));
  const unknown = patterns.length > 0 ? [] : images.filter(({ target }) => !names.has(target));
  if (unknown.length > 0) {
    throw new UserError(
      `${place} holds targets that the catalog does not have: ${unknown.map(({ target }) => target).join(", ")}`,
      "use the catalog that it was exported with (--catalog), or name the targets to import",
    );
  }
  return releasesOf(wanted).flatMap((release) => {
    const members = eachOf(release);
    const variants = members.flatMap((target): ImportedImage[] => {
      const image = byTarget.get(target.name);
      return image ? [{ target, exported: image }] : [];
    });
    const [first] = variants;
    if (!first) return [];
    if (variants.length === members.length) return [{ name: release.runtime.name, variants }];
    throw notOurs(place, `${first.target.name} lacks the other variant of its version`);
  });
}

/**
 * Judges a tag that an image is to have here by what follows from its version and the catalog. Pure.
 * @param version exact version installed, such as `22.16.0`
 * @returns whether it is the image's here too, or not known here; why not, where it is another image's
 */
export function claimOn(
  tag: string,
  target: Target,
  version: string,
  targets: readonly Target[],
): "own" | "unknown" | { readonly refused: string } {
  if (isBuildTag(tag)) {
    const variant = tag.endsWith("-dev") ? "dev" : tag.endsWith("-debug") ? "debug" : "runtime";
    return variant === target.variant ? "own" : { refused: "it is for the other variant" };
  }
  if (target.tags.includes(tag) || exactTags(target.variant, version).includes(tag)) return "own";
  const owner = targets.find(({ image, tags }) => image === target.image && tags.includes(tag));
  // One that moves from version to version may have been elsewhere where the export comes from.
  const isSibling =
    owner !== undefined && owner.name !== target.name && releaseOf(owner) === releaseOf(target);
  if (owner && (isSibling || owner.name === `${target.image}:${tag}`)) {
    return { refused: `it belongs to ${owner.name}` };
  }
  if (!owner && /^\d/.test(tag)) return { refused: `it does not follow from its version ${version}` };
  return "unknown";
}

/**
 * Holds the tags of what is to be sent against the versions that are in it, and a runtime image against what only a dev
 * image says.
 * @returns the releases without the tags that others of the catalog have or that are not known here, and the latter
 * @throws UserError where a tag is another image's, or an image is of the other variant
 */
export async function checkTags(
  layout: OciLayout,
  releases: readonly ImportedRelease[],
  targets: readonly Target[],
  place: string,
): Promise<{ readonly releases: ImportedRelease[]; readonly unknown: string[] }> {
  const unknown: string[] = [];
  const checked: ImportedRelease[] = [];
  for (const release of releases) {
    const version = await versionOf(layout, release, place);
    const variants = release.variants.map(({ target, exported }) => {
      const tags = exported.tags.filter((tag) => {
        const claim = claimOn(tag, target, version, targets);
        if (typeof claim === "object") {
          throw notOurs(place, `${target.name} must not have the tag ${tag}: ${claim.refused}`);
        }
        if (isOfAnother(tag, target, targets)) return false;
        if (claim === "unknown") unknown.push(`${target.image}:${tag}`);
        return claim === "own";
      });
      return { target, exported: { ...exported, tags: tags.toSorted() } };
    });
    checked.push({ ...release, variants });
  }
  return { releases: checked, unknown };
}

/** The exact version of what a release is about, which may be installed in its dev variant only. */
async function versionOf(
  layout: OciLayout,
  { name, variants }: ImportedRelease,
  place: string,
): Promise<string> {
  const versions = new Set<string>();
  for (const { target, exported } of variants) {
    const { annotations } = await layout.readImageIndex(exported.image);
    if (target.variant === "runtime" && readBase(annotations) !== undefined) {
      throw notOurs(place, `${target.name} must start from nothing, but was built on a base image`);
    }
    for (const { packages } of readSizes(annotations)?.values() ?? []) {
      const version = packages.get(target.package)?.version;
      if (version !== undefined) versions.add(version.replace(/-r\d+$/, ""));
    }
  }
  const [version, other] = versions;
  if (version === undefined) throw notOurs(place, `${name} holds no ${variants[0]?.target.package}`);
  if (other !== undefined) throw notOurs(place, `${name} has two versions, ${version} and ${other}`);
  return version;
}
