import type { Published } from "../model/published.ts";
import { exactTags, isBuildTag } from "../model/tags.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { Registry } from "../registry/client.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import type { TagMove } from "../registry/switch-tags.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";
import { findHistory, type HistoryEntry, type Hold, historyIn, holdAt } from "./history.ts";
import type { ReleaseMove } from "./move-release.ts";
import { readPublished, tagsByDigest } from "./published.ts";
import type { TagPlace } from "./remember.ts";

/** Where a tag is to go back to: the beginning of a digest, a day such as `2026-11-01`, or the image before. */
export type RollbackTarget =
  | { readonly kind: "before" }
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "day"; readonly day: Date };

/**
 * Reads where to go back to as it is typed: a digest or its beginning, with or without `sha256:`, or a day.
 * @throws UserError where it is neither
 */
export function parseRollbackTarget(text: string | undefined): RollbackTarget {
  if (text === undefined) return { kind: "before" };
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))) {
    return { kind: "day", day: new Date(text) };
  }
  const [, digits] = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new UserError(
      `--to ${text}: expected a digest, its first six digits or more, or a time such as 2026-11-01`,
      `${typed("history", [])} shows what a tag pointed at, and when`,
    );
  }
  return { kind: "digest", digest: `sha256:${digits}` };
}

/**
 * The entry of a history to go back to; undefined where there is none. Pure.
 * @param current digest that the tag points at now
 * @param history the newest first
 */
export function entryFor(
  wanted: RollbackTarget,
  current: string | undefined,
  history: readonly HistoryEntry[],
): HistoryEntry | undefined {
  switch (wanted.kind) {
    case "before":
      return history[history.findIndex(({ image }) => image.digest === current) + 1];
    case "digest":
      return history.find(({ image }) => image.digest.startsWith(wanted.digest));
    case "day":
      // What it pointed at then is the newest that it had been moved to by then.
      return history.find(({ created }) => created.getTime() <= wanted.day.getTime());
  }
}

/** What the other variant's tag pointed at while this one's pointed at an entry of its history. Pure. */
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
  /** Digest; empty where there is no such tag now. */
  readonly from: string;
  readonly to: HistoryEntry;
  /** All that point where its own tag does: `latest` and `22.16` beside `22`. */
  readonly tags: readonly string[];
  /** What holds its tags where they are now; whoever moves them by hand may. */
  readonly hold?: Hold | undefined;
}

/**
 * Finds out where the tags of all variants of a version go. What is wanted is meant of the first; the others go to what
 * they were while the first was that. One that was not there yet, as debug may be younger than the pair, stays.
 * @throws UserError when the history has no such entry, RegistryError
 */
export async function planRollback(
  target: Target,
  others: readonly Target[],
  wanted: RollbackTarget,
  registry: Registry,
  namespace: Namespace,
): Promise<Rollback[]> {
  const { repository } = placeOf(target, namespace);
  const own = await readTag(target, registry, repository);
  const ofOthers = await Promise.all(
    others.map(async (one) => ({ target: one, read: await readTag(one, registry, repository) })),
  );
  if (own.history.length === 0) throw noHistory(target, registry, repository);
  const to = entryFor(wanted, own.now, own.history);
  const along = ofOthers.flatMap(({ target: one, read }) => {
    const entry = to && pairEntry(to, own.history, read.history);
    return entry ? [{ target: one, read, entry }] : [];
  });
  const lacking = others.filter((one) => !along.some((found) => found.target === one));
  if (!to || lacking.some(({ variant }) => variant !== "debug")) {
    throw new UserError(
      `${target.name}: its history has no such image to go back to`,
      `${typed("history", [target.name])} shows what there is`,
    );
  }
  const tags = await tagsByDigest(registry, repository);
  const versionOf = async (...digests: (string | undefined)[]) => {
    const versions = digests.map(async (digest) => {
      const published = digest === undefined ? undefined : await readPublished(registry, repository, digest);
      return published && versionIn(published, target.package);
    });
    return (await Promise.all(versions)).find((version) => version !== undefined);
  };
  const [before, after] = await Promise.all([
    versionOf(own.now, ...along.map(({ read }) => read.now)),
    versionOf(to.image.digest, ...along.map(({ entry }) => entry.image.digest)),
  ]);
  const rollbackOf = (one: Target, { tag, now, hold }: typeof own, entry: HistoryEntry): Rollback => {
    // A tag that was removed comes back alone; and its own goes though the list of tags, which may lag, lacks it.
    const beside = now === undefined ? [] : (tags.get(now) ?? []).filter((name) => !isBuildTag(name));
    const together = beside.includes(tag) ? beside : [tag, ...beside];
    const moving = together.filter((name) => staysTrue(name, one, before, after));
    return { target: one, from: now ?? "", to: entry, tags: moving, hold };
  };
  return [rollbackOf(target, own, to), ...along.map((one) => rollbackOf(one.target, one.read, one.entry))];
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

/** The exact version of a package in an image, by the image's annotations. */
function versionIn({ sizes }: Published, name: string): string | undefined {
  for (const { packages } of sizes?.values() ?? []) {
    const version = packages.get(name)?.version;
    if (version !== undefined) return version.replace(/-r\d+$/, "");
  }
  return undefined;
}

function noHistory({ name, variant, version }: Target, { host }: Registry, repository: string): UserError {
  const tag = tagFor(variant, version);
  const image = `${host}/${repository}`;
  return new UserError(
    `${name}: ${host} has no history of its tag ${tag}: either it was never published by Birdhouse, ` +
      "or this registry keeps no histories, as Quay and gcr.io do not (they refuse an index that names indexes)",
    "each build has a tag of its own there: move the tag to it by hand, for both variants: " +
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
      `${target.name}: there is nothing to go back to, as its history cannot be read: ${found.because}`,
      "the next publish sets aside what has its tag, and begins a new history",
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
  const targets = rollbacks.map(({ target }) => target);
  const moves = await Promise.all(rollbacks.map((one) => movesOf(one, registry, namespace)));
  return {
    name: releaseName(targets),
    moves: moves.flat(),
    images: [],
    holds: hold ? targets.map((target) => ({ ...placeOf(target, namespace), hold })) : [],
    again: rollbacks.map(({ target, to }) => ({ ...placeOf(target, namespace), image: to.image })),
  };
}

/** What ends the hold of one version's tags; none of them moves. */
export function releaseMove(pair: readonly Target[], namespace: Namespace): ReleaseMove {
  const holds = pair.map((target) => ({ ...placeOf(target, namespace), hold: null }));
  return { name: releaseName(pair), moves: [], images: [], holds };
}

function releaseName(pair: readonly Target[]): string {
  return pair.find(({ variant }) => variant === "runtime")?.name ?? "";
}

function placeOf({ image, variant, version }: Target, namespace: Namespace): TagPlace {
  return { repository: repositoryIn(namespace, image), tag: tagFor(variant, version) };
}

async function movesOf(
  { target, to, tags }: Rollback,
  registry: Registry,
  namespace: Namespace,
): Promise<TagMove[]> {
  const { repository } = placeOf(target, namespace);
  const content = await registry.getManifest(repository, to.image.digest);
  if (content) return tags.map((tag) => ({ repository, tag, content }));
  throw new UserError(
    `${target.name}: the registry no longer has ${to.image.digest}`,
    "choose another image with --to",
  );
}
