import { daysSince } from "../../model/end-of-life.ts";
import type { ImageSizes, PlatformSizes } from "../../model/published.ts";
import type { Target } from "../../model/target.ts";
import { count, formatBytes } from "../../system/shown/format.ts";
import type { TargetStatus } from "../status.ts";

/** What all pages say in the same words. */

export const UNKNOWN = "unknown";

/** `2026-11-29`, UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** `2026-11-29 18:40 UTC` */
export function momentOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `today`, `1 day ago`, `12 days ago`; unknown where nobody recorded it. */
export function agoText(at: Date | undefined, today: Date): string {
  if (!at) return UNKNOWN;
  const days = daysSince(at, today);
  return days <= 0 ? "today" : `${count(days, "day")} ago`;
}

/** The heaviest platform of an image, by what is pulled; undefined where it does not say what it weighs. */
export function heaviest(sizes: ImageSizes | undefined): (PlatformSizes & { platform: string }) | undefined {
  const all = [...(sizes ?? new Map<string, never>())].map(([platform, one]) => ({ ...one, platform }));
  return all.sort((a, b) => b.compressed - a.compressed)[0];
}

/** Bytes as people read them; unknown where nobody knows. */
export function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? UNKNOWN : formatBytes(bytes);
}

/** The exact version, such as `22.16.0-r2`, where the image says what is installed. */
export function exactVersion(target: Target, sizes: ImageSizes | undefined): string | undefined {
  for (const { packages } of (sizes ?? new Map<string, PlatformSizes>()).values()) {
    const version = packages.get(target.package)?.version;
    if (version !== undefined) return version;
  }
  return undefined;
}

/** The names of what Alpine has fixed in an image, each once; undefined where nobody can tell. */
export function fixableOf({ planned, vulnerabilities }: TargetStatus): string[] | undefined {
  if (!planned.published || !vulnerabilities) return undefined;
  return [...new Set(vulnerabilities.map(({ name }) => name))];
}

/** The page of an image, below the site's folder. */
export function pageOf(image: string): string {
  return `images/${image}.html`;
}

/** The tag of a target: `22-dev` of `node:22-dev`. */
export function tagIn({ name, image }: Target): string {
  return name.slice(image.length + 1);
}

/** An id for a place in a page: letters, digits, dashes and dots. */
export function idOf(prefix: string, text: string): string {
  return `${prefix}-${text.replace(/[^\w.-]/g, "-")}`;
}
