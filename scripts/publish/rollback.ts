import { tagFor } from "../catalog/tags.ts";
import type { Target } from "../catalog/target.ts";
import type { Registry } from "../registry/client.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import { switchTags, type TagMove } from "../registry/switch-tags.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/started.ts";
import { type HistoryEntry, readHistory } from "./history.ts";
import { movingTags, tagsByDigest } from "./tags-by-digest.ts";

/** Where a tag is to go back to: the beginning of a digest, a day such as `2026-11-01`, or to the one before. */
export type Aim =
  | { readonly kind: "before" }
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "day"; readonly day: Date };

/** Reads an aim as it is typed: a digest or its beginning, with or without `sha256:`, or a day. */
export function parseAim(text: string | undefined): Aim {
  if (text === undefined) return { kind: "before" };
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))) {
    return { kind: "day", day: new Date(text) };
  }
  const [, digits] = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new UserError(
      `--to ${text}: expected a digest, its first six digits or more, or a time such as 2026-11-01`,
      "`history` shows what a tag pointed at, and when",
    );
  }
  return { kind: "digest", digest: `sha256:${digits}` };
}

/**
 * The entry of a history that an aim means. Pure.
 * @param current digest that the tag points at now
 * @param history the newest first
 */
export function entryFor(
  aim: Aim,
  current: string | undefined,
  history: readonly HistoryEntry[],
): HistoryEntry | undefined {
  switch (aim.kind) {
    case "before": {
      const now = history.findIndex(({ image }) => image.digest === current);
      return history[now + 1];
    }
    case "digest":
      return history.find(({ image }) => image.digest.startsWith(aim.digest));
    case "day":
      // What it pointed at then is the newest that it had been moved to by then.
      return history.find(({ created }) => created.getTime() <= aim.day.getTime());
  }
}

/** What a release's tags pointed at before an entry of one variant's history was replaced. Pure. */
function pairEntry(
  to: HistoryEntry,
  history: readonly HistoryEntry[],
  ofPair: readonly HistoryEntry[],
): HistoryEntry | undefined {
  // Variants are published at one time, but one that came out the same has no entry of that time.
  const replaced = history[history.indexOf(to) - 1]?.created.getTime() ?? Number.POSITIVE_INFINITY;
  return ofPair.find(({ created }) => created.getTime() < replaced);
}

/** A target whose tags go back. */
export interface Rollback {
  readonly target: Target;
  readonly from: string;
  readonly to: HistoryEntry;
  /** All that point where its own tag does: `latest` and `22.16` beside `22`. */
  readonly tags: readonly string[];
}

/**
 * Finds out where the tags of both variants of a version go. The aim is that of the first; the other goes to
 * what it was while the first was that.
 * @throws UserError when the history has no such entry
 */
export async function planRollback(
  target: Target,
  pair: Target,
  aim: Aim,
  registry: Registry,
  namespace: Namespace,
): Promise<Rollback[]> {
  const repository = repositoryIn(namespace, target.image);
  const [own, other] = await Promise.all([
    readTag(target, registry, repository),
    readTag(pair, registry, repository),
  ]);
  const to = entryFor(aim, own.now, own.history);
  const pairTo = to && pairEntry(to, own.history, other.history);
  if (!to || !pairTo) {
    throw new UserError(
      `${target.name}: its history has no such image to go back to`,
      `${typed("history", [target.name])} shows what there is`,
    );
  }
  const tags = await tagsByDigest(registry, repository);
  return [
    { target, from: own.now ?? "", to, tags: movingTags(tags.get(own.now ?? "") ?? []) },
    { target: pair, from: other.now ?? "", to: pairTo, tags: movingTags(tags.get(other.now ?? "") ?? []) },
  ];
}

async function readTag(target: Target, registry: Registry, repository: string) {
  const tag = tagFor(target.variant, target.version);
  const [head, history] = await Promise.all([
    registry.headManifest(repository, tag),
    readHistory(registry, repository, tag),
  ]);
  return { now: head?.digest, history };
}

/** Moves the tags, those of all targets or none. @throws RegistryError, UserError */
export async function rollBack(
  rollbacks: readonly Rollback[],
  registry: Registry,
  namespace: Namespace,
): Promise<void> {
  const moves = await Promise.all(
    rollbacks.map(async ({ target, to, tags }): Promise<TagMove[]> => {
      const repository = repositoryIn(namespace, target.image);
      const content = await registry.getManifest(repository, to.image.digest);
      if (!content) {
        throw new UserError(
          `${target.name}: the registry has ${to.image.digest} no longer`,
          "choose another with --to",
        );
      }
      return tags.map((tag) => ({ repository, tag, content }));
    }),
  );
  await switchTags(registry, moves.flat());
}
