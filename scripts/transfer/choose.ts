import { selectTargets } from "../catalog/targets/select.ts";
import { releasesOf } from "../model/release.ts";
import { tagsOfOthers } from "../model/tags.ts";
import type { Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { type ExportedImage, notOurs } from "./exported.ts";
import type { ImportedImage, ImportedRelease } from "./send.ts";

/** Those tags of an image that no other target of the catalog has a claim to. Pure. */
export function ownTags(tags: readonly string[], target: Target, targets: readonly Target[]): string[] {
  const taken = tagsOfOthers(target, targets);
  return tags.filter((tag) => !taken.has(tag)).toSorted();
}

/** The targets that patterns mean, each with the other variant of its version: they travel together. Pure. */
export function withPairs(targets: readonly Target[], patterns: readonly string[]): Target[] {
  const named = new Set(selectTargets(targets, patterns));
  const releases = releasesOf(targets).filter(({ runtime, dev }) => named.has(runtime) || named.has(dev));
  return releases.flatMap(({ runtime, dev }) => [runtime, dev]);
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
      `${place} holds what the catalog does not know: ${unknown.map(({ target }) => target).join(", ")}`,
      "take the catalog that it was exported with (--catalog), or name the targets to import",
    );
  }
  return releasesOf(wanted).flatMap(({ runtime, dev }) => {
    const variants = [runtime, dev].flatMap((target): ImportedImage[] => {
      const image = byTarget.get(target.name);
      return image ? [{ target, exported: { ...image, tags: ownTags(image.tags, target, targets) } }] : [];
    });
    const [first, second] = variants;
    if (!first) return [];
    if (second) return [{ name: runtime.name, variants }];
    throw notOurs(place, `${first.target.name} comes without the other variant of its version`);
  });
}
