import type { Target } from "../catalog/target.ts";

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
  const others = targets.filter(({ image, name }) => image === target.image && name !== target.name);
  const taken = new Set(others.flatMap(({ tags }) => tags));
  const own = exact.map((tag) => tag + suffix).filter((tag) => !taken.has(tag));
  return [...new Set([...target.tags, ...own])];
}
