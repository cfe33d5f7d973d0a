import { NOT_OF_A_PACKAGE, type PlatformSizes, type Published, partsOf } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { formatBytes, formatProse, formatShare, formatTable } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";

/** A target, and what the registry has of it. */
export interface PublishedTarget {
  readonly target: Target;
  /** Undefined where nothing is published. */
  readonly published: Published | undefined;
}

/** What published images spend their bytes on, as a person reads it: a table for each platform of each. */
export function sizesText(targets: readonly PublishedTarget[], width?: number): string {
  return targets.flatMap((one) => sectionsOf(one, width)).join("\n\n");
}

function sectionsOf({ target, published }: PublishedTarget, width: number | undefined): string[] {
  const { name } = target;
  if (!published) return [`${name} is not published\n→ to publish it: ${typed("rebuild", [name])}`];
  if (!published.sizes) {
    const advice = typed("rebuild", [name], ["--force"]);
    return [`${name} is published, but its sizes are unknown\n→ to rebuild it: ${advice}`];
  }
  return [...published.sizes].map(([platform, sizes]) => platformText(target, platform, sizes, width));
}

function platformText(
  { name, budget }: Target,
  platform: string,
  sizes: PlatformSizes,
  width: number | undefined,
): string {
  const { compressed, unpacked } = sizes;
  const allowed =
    budget === undefined
      ? "no budget"
      : `${formatShare(compressed, budget)} of its budget of ${formatBytes(budget)}`;
  const heading = `${name} (${platform}): ${formatBytes(compressed)} compressed, ${allowed}; ${formatBytes(unpacked)} unpacked:`;
  const rows = partsOf(sizes).map((part) => [
    part.name,
    part.version ?? "",
    formatBytes(part.unpacked),
    formatShare(part.unpacked, unpacked),
  ]);
  const table = formatTable([["PACKAGE", "VERSION", "UNPACKED", "SHARE"], ...rows], width);
  return `${formatProse(heading, width)}\n${table}`;
}

/**
 * The same for scripts. Sizes are in bytes. `digest` is null where nothing is published, `platforms` where
 * what is published does not say what it weighs.
 */
export function sizesJson(targets: readonly PublishedTarget[]) {
  return targets.map(({ target, published }) => ({
    target: target.name,
    digest: published?.digest ?? null,
    budget: target.budget ?? null,
    platforms: published?.sizes
      ? [...published.sizes].map(([platform, sizes]) => platformJson(platform, sizes))
      : null,
  }));
}

function platformJson(platform: string, sizes: PlatformSizes) {
  const { compressed, unpacked } = sizes;
  const parts = partsOf(sizes);
  return {
    platform,
    compressed,
    unpacked,
    packages: parts.filter(({ version }) => version !== undefined),
    notOfAPackage: parts.find(({ name }) => name === NOT_OF_A_PACKAGE)?.unpacked ?? 0,
  };
}
