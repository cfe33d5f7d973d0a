import { changedInputs } from "../../model/inputs.ts";
import type { Published } from "../../model/published.ts";
import type { RunSummary } from "../../model/run.ts";
import { describeReason } from "../../plan/reasons.ts";
import { formatDigest } from "../../system/shown/format.ts";
import { packageChanges } from "../past.ts";
import type { SiteTarget } from "./site.ts";
import { heaviest } from "./words.ts";

/** A build that a tag points at, or pointed at, and how it differs from the one before. */
export interface Build {
  readonly digest: string;
  readonly created: Date;
  readonly isNow: boolean;
  /** Whether the registry still has it. */
  readonly isThere: boolean;
  /** Why it was made, each in a sentence: as the run's account tells, or by what differs. */
  readonly why: readonly string[];
  /** Package by package. */
  readonly changes: readonly string[];
  /** The vulnerabilities that the build before had and this one has not; undefined where nobody can tell. */
  readonly closed: readonly string[] | undefined;
  /** Of the heaviest platform, in bytes; undefined where nobody knows. */
  readonly compressed: number | undefined;
}

/** By digest, why builds were made: as the journals of runs tell. */
export type ReasonsByDigest = ReadonlyMap<string, readonly string[]>;

/** Why builds were made, by what runs wrote down. @param runs the newest first: the first that made a build counts */
export function reasonsIn(runs: readonly RunSummary[]): ReasonsByDigest {
  const reasons = new Map<string, readonly string[]>();
  for (const { targets } of runs.toReversed()) {
    for (const one of targets) {
      if (one.digest === undefined || one.status !== "done" || reasons.has(one.digest)) continue;
      reasons.set(
        one.digest,
        one.reasons.map(({ text }) => text),
      );
    }
  }
  return reasons;
}

/** What a tag points at and pointed at, the newest first. Pure. */
export function buildsOf({ past, vulnerabilities, ledger }: SiteTarget, reasons: ReasonsByDigest): Build[] {
  return past.images.map(({ entry, published }, index) => {
    const { digest } = entry.image;
    const older = past.images[index + 1];
    const before = older && vulnerabilities.get(older.entry.image.digest);
    const now = vulnerabilities.get(digest);
    const names = new Set(now?.map(({ name }) => name));
    const gone = now && before?.map(({ name }) => name).filter((name) => !names.has(name));
    const told = ledger?.entries.filter(({ publishedByUs }) => publishedByUs?.digest === digest);
    const closed = gone || told ? [...(gone ?? []), ...(told ?? []).map(({ id }) => id)] : undefined;
    return {
      digest,
      created: entry.created,
      isNow: digest === past.now,
      isThere: published !== undefined,
      why: reasons.get(digest) ?? differencesOf(older?.published, published, older === undefined),
      changes: packageChanges(older?.published, published),
      closed: closed && [...new Set(closed)].sort(),
      compressed: heaviest(published?.sizes)?.compressed,
    };
  });
}

/** The plan's reasons, by what two builds say of themselves. */
function differencesOf(
  before: Published | undefined,
  after: Published | undefined,
  isFirst: boolean,
): string[] {
  if (isFirst) return ["the oldest build that is remembered"];
  if (!before?.inputs || !after?.inputs) return [];
  const changes = changedInputs(before.inputs, after.inputs);
  const base =
    before.base !== undefined && after.base !== undefined && before.base !== after.base
      ? [`base ${formatDigest(before.base)} → ${formatDigest(after.base)}`]
      : [];
  return [...(changes.length > 0 ? [describeReason({ kind: "inputs", changes })] : []), ...base];
}
