import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { describeHold, type HistoryEntry, type Hold } from "../publish/history.ts";
import { oneLine, wrap } from "../system/shown/format.ts";
import { holdJson } from "./tag-texts.ts";

/** What a target's tag pointed at. */
export interface Past {
  readonly target: Target;
  /** What it points at now. */
  readonly now: string | undefined;
  /** The newest first. */
  readonly images: readonly {
    readonly entry: HistoryEntry;
    /** Undefined where the registry has it no longer. */
    readonly published: Published | undefined;
  }[];
  /** What keeps its tags where they are. */
  readonly hold?: Hold | undefined;
  /** Digest of what is in the history's place and is none. */
  readonly foreign?: string | undefined;
  /** Why it could not be read: then nothing else is known of it. */
  readonly problem?: string;
}

/**
 * The past as a person reads it: each image, and below it what is other than in the one before.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function pastText({ target, now, images, hold, foreign, problem }: Past, width?: number): string {
  if (problem !== undefined) {
    return wrap(`✖ ${target.name}: could not be read: ${oneLine(problem)}`, width, 2).join("\n");
  }
  if (foreign !== undefined) {
    const text = `${target.name}: no history: another image (${foreign}) is in its place; the next publish moves that away`;
    return wrap(text, width, 2).join("\n");
  }
  if (images.length === 0) return `${target.name}: no history`;
  const lines = images.flatMap(({ entry, published }, index) => {
    const { digest } = entry.image;
    const marks = [digest === now ? "now" : "", published ? "" : "no longer in the registry"].filter(Boolean);
    const when = `  ${entry.created.toISOString().replace(/\..*/, "Z")}`;
    const whole = `${when}  ${digest}  ${marks.join(", ")}`.trimEnd();
    // A digest is not broken: where there is no room it has a line to itself.
    const head =
      width !== undefined && whole.length > width
        ? [`${when}  ${marks.join(", ")}`.trimEnd(), `    ${digest}`]
        : [whole];
    const older = images[index + 1]?.published;
    return [
      ...head,
      ...packageChanges(older, published).flatMap((change) => wrap(`    ${oneLine(change)}`, width, 2)),
    ];
  });
  return [`${target.name}:${hold ? ` ${describeHold(hold)}` : ""}`, ...lines].join("\n");
}

export function pastJson({ target, now, images, hold, problem }: Past) {
  return {
    target: target.name,
    now: now ?? null,
    hold: hold ? holdJson(hold) : null,
    images: images.map(({ entry, published }, index) => ({
      digest: entry.image.digest,
      created: entry.created.toISOString(),
      confirmed: entry.confirmed.toISOString(),
      available: published !== undefined,
      changes: packageChanges(images[index + 1]?.published, published),
    })),
    ...(problem !== undefined && { problem }),
  };
}

/** What changed from an image to the next one, package by package: `libssl3 3.3.2-r0 → 3.3.2-r1`. */
export function packageChanges(before: Published | undefined, after: Published | undefined): string[] {
  if (!before?.sizes || !after?.sizes) return [];
  const found = new Set<string>();
  for (const [platform, { packages }] of after.sizes) {
    const old = before.sizes.get(platform)?.packages ?? new Map();
    for (const [name, { version }] of packages) {
      const was = old.get(name)?.version;
      if (was === undefined) found.add(`+ ${name} ${version}`);
      else if (was !== version) found.add(`${name} ${was} → ${version}`);
    }
    for (const [name, { version }] of old) if (!packages.has(name)) found.add(`- ${name} ${version}`);
  }
  return [...found].sort();
}
