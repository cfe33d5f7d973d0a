import { imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import { isBuildTag } from "../model/tags.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { listedReferrers } from "../registry/referrers.ts";
import { findHistory, historyIn, historyTag } from "./history.ts";
import { type RemovalJournal, type TagContext, writeJournal } from "./journal.ts";

/** A build that no tag but its own points at, and no history keeps. */
export interface OldBuild {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Digests of what goes with it: the images of its platforms that no other has, and what is attached to them. */
  readonly parts: readonly string[];
}

/** What a repository has that decides which builds may go. */
export interface Inventory {
  /** Every tag, and the digest that it points at. */
  readonly tags: ReadonlyMap<string, string>;
  /** Index → the images of its platforms, of all indexes that tags and histories name. */
  readonly platforms: ReadonlyMap<string, readonly string[]>;
  /** Digests that the histories keep. */
  readonly remembered: ReadonlySet<string>;
}

/** The builds that may go: none that a moving tag points at, a history keeps, or another image is made of. Pure. */
export function oldBuilds(repository: string, { tags, platforms, remembered }: Inventory): OldBuild[] {
  const moving = [...tags].filter(([tag]) => !isBuildTag(tag) && !isAttachment(tag));
  const kept = new Set([...remembered, ...moving.map(([, digest]) => digest)]);
  const partsOf = (digest: string) => platforms.get(digest) ?? [];
  const shared = new Set([...kept].flatMap((one) => partsOf(one)));
  return [...tags]
    .filter(([tag, digest]) => isBuildTag(tag) && !kept.has(digest))
    .map(([tag, digest]) => {
      const own = partsOf(digest).filter((part) => !shared.has(part) && !kept.has(part));
      const attached = [digest, ...own].flatMap((subject) => attachmentsOf(subject, tags));
      return { repository, tag, digest, parts: [...own, ...attached] };
    });
}

/**
 * Builds with what is attached to them and their platforms, such as the marks of what was superseded, where the registry
 * itself keeps lists of that: most let it go with its subject, and some keep it for ever.
 * @throws RegistryError
 */
export function withAttached(registry: Registry, builds: readonly OldBuild[]): Promise<OldBuild[]> {
  return Promise.all(
    builds.map(async (build) => {
      const { repository, digest, parts } = build;
      const lists = [digest, ...parts].map((subject) => attachedTo(registry, repository, subject));
      const attached = (await Promise.all(lists)).flat();
      return { ...build, parts: [...new Set([...parts, ...attached])] };
    }),
  );
}

async function attachedTo(registry: Registry, repository: string, subject: string): Promise<string[]> {
  return (await listedReferrers({ registry, repository }, subject)).map(({ digest }) => digest);
}

/** Tags of what is attached to a digest (distribution spec 1.1, "Referrers Tag Schema"; cosign's are the same with a suffix). */
function attachmentsOf(subject: string, tags: ReadonlyMap<string, string>): string[] {
  const prefix = subject.replace(":", "-");
  return [...tags].filter(([tag]) => tag.startsWith(prefix)).map(([, digest]) => digest);
}

function isAttachment(tag: string): boolean {
  return tag.startsWith("sha256-");
}

/**
 * Lists what a repository has.
 * @param targets all targets whose images it has
 * @param named digests that are in use beside tags and histories, as by a move that is not finished
 * @throws RegistryError
 */
export async function takeInventory(
  registry: Registry,
  repository: string,
  targets: readonly Target[],
  named: ReadonlySet<string> = new Set(),
): Promise<Inventory> {
  const histories = await Promise.all(
    targets.map(async ({ variant, version, policy }) => {
      const tag = tagFor(variant, version);
      const found = await findHistory(registry, repository, tag);
      return { of: tag, tag: historyTag(tag), found, keep: policy.keep };
    }),
  );
  const ours = histories.filter(({ found }) => found.kind === "history").map(({ tag }) => tag);
  const { tags, platforms } = await readTags(registry, repository, new Set(ours));
  const kept = histories.flatMap(({ found, keep }) => historyIn(found).entries.slice(0, keep));
  // Without a history nothing tells which builds are the older ones: then all of them stay.
  const isUnknown = histories.some(({ of, found }) => tags.has(of) && historyIn(found).entries.length === 0);
  const all = isUnknown ? tags.values() : [];
  const remembered = new Set([...kept.map(({ image }) => image.digest), ...named, ...all]);
  return { tags, platforms, remembered };
}

/** All tags of a repository, and what the indexes under them name. @param histories tags of lists of images that may be gone */
async function readTags(registry: Registry, repository: string, histories: ReadonlySet<string>) {
  const names = await registry.listTags(repository);
  const manifests = await Promise.all(names.map((tag) => registry.getManifest(repository, tag)));
  const tags = new Map<string, string>();
  const platforms = new Map<string, readonly string[]>();
  for (const [index, name] of names.entries()) {
    const manifest = manifests[index];
    if (!manifest) continue;
    tags.set(name, manifest.digest);
    if (histories.has(name) || !isIndexType(manifest.mediaType)) continue;
    platforms.set(manifest.digest, childrenOf(manifest, `${repository}:${name}`));
  }
  return { tags, platforms };
}

function childrenOf({ bytes }: ManifestContent, place: string): string[] {
  return parseDocument(imageIndexSchema, bytes, place).manifests.map(({ digest }) => digest);
}

/**
 * Removes builds and what goes with each, by a journal: no tag names a part any more once its build is gone, so that only
 * the journal of a run that is killed meanwhile still tells of it. Layers go when the registry next collects its garbage.
 * @throws RegistryError, UserError where the registry deletes nothing
 */
export async function removeBuilds(
  repository: string,
  builds: readonly OldBuild[],
  context: TagContext,
): Promise<void> {
  if (builds.length === 0) return;
  const { registry, permit } = context;
  const done = await writeJournal(context, repository, context.clock(), {
    kind: "removal",
    builds: builds.map(({ digest, parts }) => ({ repository, digest, parts: [...parts] })),
  });
  let isBegun = false;
  try {
    for (const { digest, parts } of builds) {
      permit.require();
      // The index first: nothing is ever named that is not there.
      await registry.deleteManifest(repository, digest);
      isBegun = true;
      for (const part of parts) await registry.deleteManifest(repository, part);
    }
  } catch (error) {
    if (!isBegun) await done();
    throw error;
  }
  await done();
}

/**
 * Finishes what a run had begun to remove: the parts of builds that are gone. A build that is still there is whole, and
 * left to the next `prune`.
 * @returns how many manifests were removed
 * @throws RegistryError
 */
export async function finishRemoval(
  { builds }: Pick<RemovalJournal, "builds">,
  { registry, permit }: Pick<TagContext, "registry" | "permit">,
): Promise<number> {
  let removed = 0;
  for (const repository of new Set(builds.map((one) => one.repository))) {
    const inUse = await digestsInUse(registry, repository);
    for (const { digest, parts } of builds.filter((one) => one.repository === repository)) {
      if (await registry.headManifest(repository, digest)) continue;
      const theirs = parts
        .filter((one) => inUse.has(one))
        .map((one) => attachedTo(registry, repository, one));
      const staying = new Set([...inUse, ...(await Promise.all(theirs)).flat()]);
      for (const part of parts.filter((one) => !staying.has(one))) {
        permit.require();
        if (await registry.deleteManifest(repository, part)) removed++;
      }
    }
  }
  return removed;
}

/** All that tags lead to, by way of histories too, and what is attached to that. */
async function digestsInUse(registry: Registry, repository: string): Promise<Set<string>> {
  const { tags, platforms } = await readTags(registry, repository, new Set());
  const named = [...tags].filter(([tag]) => !isAttachment(tag)).map(([, digest]) => digest);
  const inUse = new Set(named.flatMap((digest) => [digest, ...(platforms.get(digest) ?? [])]));
  // Histories name images, and these their platforms.
  const listed = [...inUse].filter((digest) => !platforms.has(digest));
  for (const digest of listed) {
    const manifest = await registry.getManifest(repository, digest);
    if (!manifest || !isIndexType(manifest.mediaType)) continue;
    for (const child of childrenOf(manifest, `${repository}@${digest}`)) inUse.add(child);
  }
  for (const digest of [...inUse].flatMap((subject) => attachmentsOf(subject, tags))) inUse.add(digest);
  return inUse;
}
