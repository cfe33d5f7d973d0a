import type { Built } from "../build/built.ts";
import { releasedRevision } from "../build/built.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { LetThrough } from "../model/gate.ts";
import { buildTag, tagsOf } from "../model/tags.ts";
import { eachOf, type Target, tagFor } from "../model/target.ts";
import type { Registry } from "../registry/client.ts";
import { type BlobLocations, manifestContent, pushContent } from "../registry/push.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import type { TagMove } from "../registry/switch-tags.ts";
import type { TestedRelease } from "../smoke/smoke.ts";
import { type HalfRequest, pushHalf } from "./half.ts";
import type { TagMover } from "./move-release.ts";

/** What publishing needs. */
export interface PublishContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** All targets, as tags of one may not be those of another. */
  readonly catalog: { readonly targets: readonly Target[] };
  /** What this run has already sent, so that other repositories mount it. */
  readonly blobLocations: BlobLocations;
  /** How many bytes of an image were sent before it came here, by its digest. */
  readonly sentBefore?: (digest: string) => number;
  /** Moves tags, all of a release or none. */
  readonly mover: TagMover;
  /** Attaches SBOMs, provenance and VEX to an image that has arrived. @returns the bytes that were sent */
  readonly attach?: (built: Built, repository: string, letThrough: readonly LetThrough[]) => Promise<number>;
  /** Signs an image whose content has arrived, before any tag points at it. */
  readonly sign?: (image: PublishedImage) => Promise<unknown>;
  /** Leaves what this machine made for a join, instead of moving tags. */
  readonly half?: HalfRequest;
  readonly signal?: AbortSignal;
}

/** One image in the registry. */
export interface PublishedImage {
  readonly built: Built;
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly uploadedBytes: number;
  /** Vulnerabilities in it that the gate let through with a reason. */
  readonly letThrough: readonly LetThrough[];
}

/**
 * Publishes a release: the content of all its variants by digest first, then their signatures, then all their
 * tags. Takes what only `smoke` returns, so an untested image cannot get here.
 * @returns what is published now; nothing where it was left for a join
 * @throws RegistryError; no tag has moved unless everything had arrived
 */
export async function publish(tested: TestedRelease, context: PublishContext): Promise<PublishedImage[]> {
  if (context.half) {
    await leaveHalves(tested, context.half, context);
    return [];
  }
  const published: PublishedImage[] = [];
  for (const built of eachOf(tested.release)) published.push(await pushImage(built, tested, context));
  for (const image of published) await context.sign?.(image);
  // Interruptions end here: a moment later all tags have moved, and never only some.
  context.signal?.throwIfAborted();
  const moves = await Promise.all(published.map((one) => movesOf(one)));
  await context.mover.moveRelease({
    name: tested.release.runtime.target.name,
    moves: moves.flat(),
    images: published.map(({ built: { target, index }, repository }) => ({
      repository,
      tag: tagFor(target.variant, target.version),
      image: index,
      keep: target.policy.keep,
      confirm: target.policy.maxAge !== undefined,
    })),
  });
  return published;
}

/** Sends what this machine made of a release, for a join: nothing that others pull moves. */
async function leaveHalves(
  { release }: TestedRelease,
  half: HalfRequest,
  { registry, namespace, blobLocations, signal }: PublishContext,
): Promise<void> {
  for (const built of eachOf(release)) {
    const repository = repositoryIn(namespace, built.target.image);
    await pushHalf(built, half, { registry, repository, signal }, blobLocations);
  }
}

async function pushImage(
  built: Built,
  { version, release, letThrough: ofRelease }: TestedRelease,
  context: PublishContext,
): Promise<PublishedImage> {
  const { blobLocations, signal, registry, namespace, catalog, attach, sentBefore } = context;
  const { target, index } = built;
  const repository = repositoryIn(namespace, target.image);
  const layout = await OciLayout.open(built.layout);
  const options = { blobLocations, signal };
  const before = sentBefore?.(index.digest) ?? 0;
  const uploadedBytes = before + (await pushContent(layout, index, registry, repository, options));
  const letThrough = ofRelease.filter((one) => one.target === target.name);
  const attachedBytes = (await attach?.(built, repository, letThrough)) ?? 0;
  return {
    built,
    repository,
    digest: index.digest,
    tags: [
      ...tagsOf(target, version, catalog.targets),
      buildTag(target.variant, releasedRevision(release), index.digest),
    ],
    uploadedBytes: uploadedBytes + attachedBytes,
    letThrough,
  };
}

async function movesOf({ built, repository, tags }: PublishedImage): Promise<TagMove[]> {
  const content = await manifestContent(await OciLayout.open(built.layout), built.index);
  return tags.map((tag) => ({ repository, tag, content }));
}
