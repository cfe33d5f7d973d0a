import type { Published } from "../model/published.ts";
import { exactTags } from "../model/tags.ts";
import type { Target } from "../model/target.ts";
import { tagFor } from "../model/target.ts";
import type { Registry } from "../registry/client.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import type { TagMove } from "../registry/switch-tags.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";
import { findHistory, type HistoryEntry, historyIn } from "./history.ts";
import { type Hold, holdAt } from "./hold.ts";
import type { ReleaseMove } from "./move-release.ts";
import { readPublished } from "./published.ts";
import { movingTags, tagsByDigest } from "./tags-by-digest.ts";

/** Where a tag is to go back to: the beginning of a digest, a day such as `2026-11-01`, or to the one before. */
export type RollbackTarget =
  | { readonly kind: "before" }
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "day"; readonly day: Date };

/** Reads an aim as it is typed: a digest or its beginning, with or without `sha256:`, or a day. */
export function parseRollbackTarget(text: string | undefined): RollbackTarget {
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
  aim: RollbackTarget,
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
  /** What holds its tags where they are now; whoever moves them by hand may. */
  readonly hold?: Hold | undefined;
}

/**
 * Finds out where the tags of both variants of a version go. The aim is that of the first; the other goes to
 * what it was while the first was that.
 * @throws UserError when the history has no such entry
 */
export async function planRollback(
  target: Target,
  pair: Target,
  aim: RollbackTarget,
  registry: Registry,
  namespace: Namespace,
): Promise<Rollback[]> {
  const repository = repositoryIn(namespace, target.image);
  const [own, other] = await Promise.all([
    readTag(target, registry, repository),
    readTag(pair, registry, repository),
  ]);
  if (own.history.length === 0) throw noHistory(target, registry, repository);
  const to = entryFor(aim, own.now, own.history);
  const pairTo = to && pairEntry(to, own.history, other.history);
  if (!to || !pairTo) {
    throw new UserError(
      `${target.name}: its history has no such image to go back to`,
      `${typed("history", [target.name])} shows what there is`,
    );
  }
  const tags = await tagsByDigest(registry, repository);
  const versionOf = async (digest: string | undefined) => {
    if (digest === undefined) return undefined;
    const published = await readPublished(registry, repository, digest);
    return published && versionIn(published, target.package);
  };
  const [before, after] = await Promise.all([
    firstOf([own.now, other.now].map((digest) => versionOf(digest))),
    firstOf([to, pairTo].map(({ image }) => versionOf(image.digest))),
  ]);
  const tagsOf = (one: Target, place: typeof own) =>
    tagsFrom(place, tags).filter((tag) => staysTrue(tag, one, before, after));
  return [
    { target, from: own.now ?? "", to, tags: tagsOf(target, own), hold: own.hold },
    { target: pair, from: other.now ?? "", to: pairTo, tags: tagsOf(pair, other), hold: other.hold },
  ];
}

/**
 * Whether a tag is true of the image that it goes back to: `22.16.1` stays where it is when 22 goes back to 22.16.0. Pure.
 * @param before exact version of what it points at now; undefined where it is not known
 */
export function staysTrue(
  tag: string,
  { variant, tags }: Pick<Target, "variant" | "tags">,
  before: string | undefined,
  after: string | undefined,
): boolean {
  if (tags.includes(tag) || before === undefined || after === undefined) return true;
  return !exactTags(variant, before).includes(tag) || exactTags(variant, after).includes(tag);
}

/** The exact version of a package in an image, as it says itself. */
function versionIn({ sizes }: Published, name: string): string | undefined {
  for (const { packages } of sizes?.values() ?? []) {
    const version = packages.get(name)?.version;
    if (version !== undefined) return version.replace(/-r\d+$/, "");
  }
  return undefined;
}

async function firstOf<T>(promises: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  return (await Promise.all(promises)).find((one) => one !== undefined);
}

/** All that point where a target's own tag does; that alone, where it was removed. */
function tagsFrom(
  { tag, now }: { readonly tag: string; readonly now: string | undefined },
  tags: ReadonlyMap<string, readonly string[]>,
): string[] {
  return now === undefined ? [tag] : movingTags(tags.get(now) ?? []);
}

function noHistory(target: Target, registry: Registry, repository: string): UserError {
  const tag = tagFor(target.variant, target.version);
  const image = `${registry.host}/${repository}`;
  return new UserError(
    `${target.name}: ${registry.host} has no history of its tag ${tag}: either it was never published by Birdhouse, ` +
      "or this registry keeps no histories, as Quay and gcr.io do not (they refuse an index that names indexes)",
    `each build has a tag of its own there, and the tag can be moved to it by hand, for both variants: ` +
      `docker buildx imagetools create --tag ${image}:${tag} ${image}:BUILD`,
  );
}

async function readTag(target: Target, registry: Registry, repository: string) {
  const tag = tagFor(target.variant, target.version);
  const [head, found] = await Promise.all([
    registry.headManifest(repository, tag),
    findHistory(registry, repository, tag),
  ]);
  if (found.kind === "foreign") {
    throw new UserError(
      `${target.name}: there is nothing known to go back to, as its history is none: ${found.because}`,
      "the next publish sets aside what is in its place",
    );
  }
  const { entries, hold } = historyIn(found);
  return { tag, now: head?.digest, history: entries, hold: holdAt(hold, new Date()) };
}

/**
 * What moves the tags of one version back. The histories stay as they are: an image that a tag went back from is not
 * forgotten, and the next rebuild may well come to it again.
 * @param hold keeps them there; undefined leaves what holds them as it is
 * @throws RegistryError; UserError where an image is no longer there
 */
export async function rollbackMove(
  rollbacks: readonly Rollback[],
  registry: Registry,
  namespace: Namespace,
  hold: Hold | undefined,
): Promise<ReleaseMove> {
  const moves = await Promise.all(rollbacks.map((one) => movesOf(one, registry, namespace)));
  return {
    name: rollbacks.map(({ target }) => target).find(({ variant }) => variant === "runtime")?.name ?? "",
    moves: moves.flat(),
    images: [],
    holds: hold ? rollbacks.map(({ target }) => ({ ...historyPlace(target, namespace), hold })) : [],
  };
}

/** What ends the hold of one version's tags; none of them moves. */
export function releaseMove(pair: readonly Target[], namespace: Namespace): ReleaseMove {
  return {
    name: pair.find(({ variant }) => variant === "runtime")?.name ?? "",
    moves: [],
    images: [],
    holds: pair.map((target) => ({ ...historyPlace(target, namespace), hold: undefined })),
  };
}

function historyPlace(target: Target, namespace: Namespace) {
  return {
    repository: repositoryIn(namespace, target.image),
    tag: tagFor(target.variant, target.version),
  };
}

async function movesOf(
  { target, to, tags }: Rollback,
  registry: Registry,
  namespace: Namespace,
): Promise<TagMove[]> {
  const repository = repositoryIn(namespace, target.image);
  const content = await registry.getManifest(repository, to.image.digest);
  if (!content) {
    throw new UserError(
      `${target.name}: the registry has ${to.image.digest} no longer`,
      "choose another with --to",
    );
  }
  return tags.map((tag) => ({ repository, tag, content }));
}
