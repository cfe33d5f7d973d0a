import type { Descriptor } from "../formats/oci/types.ts";
import { daysUntil, supportOf } from "../model/end-of-life.ts";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import {
  count,
  formatBytes,
  formatFacts,
  formatProse,
  formatTable,
  oneLine,
} from "../system/shown/format.ts";

/** Targets as the catalog has them, one line for each. @param width of a line, in characters */
export function targetsText(targets: readonly Target[], today: Date, width?: number): string {
  const rows = targets.map((target) => [
    target.name,
    target.branch,
    endText(target, today),
    target.tags.join(" "),
    target.world.join(" "),
  ]);
  return formatTable([["TARGET", "ALPINE", "END OF LIFE", "TAGS", "PACKAGES"], ...rows], width);
}

/** `2027-04-30`; with what it means where that is near or past. */
function endText(target: Target, today: Date): string {
  if (target.endOfLife === undefined) return "-";
  const support = supportOf(target, today);
  if (support === "supported") return target.endOfLife;
  const days = daysUntil(target.endOfLife, today);
  return `${target.endOfLife} ${support === "ending" ? `(in ${count(days, "day")})` : "(archived)"}`;
}

/** What was found of a target in the registry. */
export interface Inspected {
  readonly target: Target;
  /** Undefined where it is not published. */
  readonly published: Published | undefined;
  readonly tags: readonly string[];
  readonly attached: readonly Descriptor[];
  /** When its tag was moved to it. */
  readonly at: Date | undefined;
}

/**
 * What a person wants to know of an image before pulling it.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function inspectedText({ target, published, tags, attached, at }: Inspected, width?: number): string {
  if (!published) return `${target.name}: not published`;
  const inputs = ["packages", "branch"].flatMap((name) => published.inputs?.[name] ?? []);
  const facts: [string, string][] = [
    ["digest", published.digest],
    ["tags", tags.join(" ")],
    ["published", at?.toISOString() ?? "unknown"],
    ["base", published.base ?? (target.variant !== "dev" ? "none (FROM scratch)" : "unknown")],
    ["made from", published.inputs ? inputs.join(" ") : "unknown"],
    ["attached", attached.map((one) => attachedText(one)).join(", ") || "nothing"],
  ];
  const platforms = [...(published.sizes ?? [])].flatMap(([platform, { compressed, unpacked, packages }]) => [
    "",
    formatProse(
      `${oneLine(platform)}: ${formatBytes(compressed)} to download, ${formatBytes(unpacked)} on disk, ` +
        `${count(packages.size, "package")}`,
      width,
    ),
    formatTable(
      [...packages].map(([name, size]) => [`  ${name}`, size.version, formatBytes(size.unpacked)]),
      width,
    ),
  ]);
  return [`${target.name}:`, ...formatFacts(facts, width), ...platforms].join("\n");
}

export function inspectedJson({ target, published, tags, attached, at }: Inspected) {
  return {
    target: target.name,
    digest: published?.digest ?? null,
    tags,
    published: at?.toISOString() ?? null,
    base: published?.base ?? null,
    inputs: published?.inputs ?? null,
    platforms: [...(published?.sizes ?? [])].map(([platform, { compressed, unpacked, packages }]) => ({
      platform,
      compressedSize: compressed,
      unpackedSize: unpacked,
      packages: [...packages].map(([name, one]) => ({
        name,
        version: one.version,
        unpackedSize: one.unpacked,
      })),
    })),
    attached: attached.map(({ digest, artifactType, size }) => ({
      digest,
      artifactType: artifactType ?? null,
      size,
    })),
  };
}

function attachedText({ artifactType = "unknown type", digest }: Descriptor): string {
  return `${artifactType} ${digest.slice(0, "sha256:".length + 12)}`;
}
