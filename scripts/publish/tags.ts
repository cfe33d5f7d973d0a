import type { Target } from "../catalog/target.ts";

/**
 * All tags of a published image: those the catalog gives it, and the exact ones of what was installed.
 * `node:22` with 22.16.0 in it has `22`, `22.16`, `22.16.0`; its dev variant has the same with `-dev`.
 * @param version exact version installed, such as `22.16.0`
 */
export function tagsOf(target: Target, version: string): string[] {
  const parts = version.split(".");
  const known = target.version.split(".").length;
  const exact = parts.map((_, index) => parts.slice(0, index + 1).join(".")).slice(known);
  const suffix = target.variant === "dev" ? "-dev" : "";
  return [...new Set([...target.tags, ...exact.map((tag) => tag + suffix)])];
}
