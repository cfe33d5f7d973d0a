import { tagFor } from "../catalog/tags.ts";
import type { Target, Variant } from "../catalog/target.ts";

/**
 * All tags of a published image: those the catalog gives it, and the exact ones of what was installed.
 * `node:22` with 22.16.0 in it has `22`, `22.16`, `22.16.0`; its dev variant has the same with `-dev`.
 * A tag that the catalog gives to another target is that one's: where there is a version 3.12, a 3 with 3.12.4
 * in it is no `3.12`.
 * @param version exact version installed, such as `22.16.0`
 * @param targets all targets of the catalog
 */
export function tagsOf(target: Target, version: string, targets: readonly Target[]): string[] {
  const parts = version.split(".");
  const known = target.version.split(".").length;
  const exact = parts.map((_, index) => parts.slice(0, index + 1).join(".")).slice(known);
  const suffix = target.variant === "dev" ? "-dev" : "";
  const taken = tagsOfOthers(target, targets);
  const own = exact.map((tag) => tag + suffix).filter((tag) => !taken.has(tag));
  return [...new Set([...target.tags, ...own])];
}

/** The tags that say a version, from `22` to `22.16.0`, in a variant's form. Pure. */
export function exactTags(variant: Variant, version: string): string[] {
  const parts = version.split(".");
  return parts.map((_, index) => tagFor(variant, parts.slice(0, index + 1).join(".")));
}

/** The tags that the catalog gives to other targets of the same image. */
export function tagsOfOthers(target: Target, targets: readonly Target[]): ReadonlySet<string> {
  const others = targets.filter(({ image, name }) => image === target.image && name !== target.name);
  return new Set(others.flatMap(({ tags }) => tags));
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
  // A version may have letters that a tag may not.
  const name = `${revision.replace(/[^\w.-]/g, "_")}-${short}`;
  return variant === "dev" ? `${name}-dev` : name;
}

/** Whether a tag is that of one build. */
export function isBuildTag(tag: string): boolean {
  return /-r\d+-[0-9a-f]{12}(-dev)?$/.test(tag);
}
