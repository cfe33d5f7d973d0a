import type { Built } from "../build/built.ts";
import { imagesOf, releasedRevision } from "../build/release.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { buildTag, tagsOf } from "../model/tags.ts";
import type { Catalog } from "../model/target.ts";
import { tagFor } from "../model/target.ts";
import type { Registry } from "../registry/client.ts";
import { type BlobLocations, manifestContent, pushContent } from "../registry/push.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import type { TagMove } from "../registry/switch-tags.ts";
import type { TestedRelease } from "../smoke/smoke.ts";
import type { TagMover } from "./move-release.ts";

/** What publishing needs of the world. */
export interface PublishContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** All of it, as tags of one target may not be those of another. */
  readonly catalog: Catalog;
  /** What this run has already sent, so that other repositories mount it. */
  readonly blobLocations: BlobLocations;
  /** Moves tags, all of a release or none. */
  readonly mover: TagMover;
  /** Attaches to an image that has arrived what is to be known of it. @returns the bytes that were sent */
  readonly attach?: (built: Built, repository: string) => Promise<number>;
  /** Signs an image whose content has arrived, before any tag points at it. */
  readonly sign?: (image: PublishedImage) => Promise<unknown>;
  readonly signal?: AbortSignal;
}

/** One image in the registry. */
export interface PublishedImage {
  readonly built: Built;
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly uploadedBytes: number;
}

/**
 * Publishes a release: the content of all its variants by digest first, then their signatures, then all their
 * tags. Takes what only `smoke` returns, so an untested image cannot get here.
 * @throws RegistryError; no tag has moved unless everything had arrived
 */
export async function publish(tested: TestedRelease, context: PublishContext): Promise<PublishedImage[]> {
  const published: PublishedImage[] = [];
  for (const built of imagesOf(tested.release)) published.push(await pushImage(built, tested, context));
  for (const image of published) await context.sign?.(image);
  // From here on an interruption is not heeded: a moment later all tags have moved, and never only some.
  context.signal?.throwIfAborted();
  await moveTags(tested, published, context);
  return published;
}

/** Moves the tags of all variants to what has arrived. */
async function moveTags(
  { release }: TestedRelease,
  published: readonly PublishedImage[],
  context: PublishContext,
): Promise<void> {
  const moves = (await Promise.all(published.map((one) => movesOf(one)))).flat();
  const images = published.map(({ built: { target, index }, repository }) => ({
    ...{ repository, tag: tagFor(target.variant, target.version), image: index },
    ...{ keep: target.policy.keep, confirm: target.policy.maxAge !== undefined },
  }));
  await context.mover.moveRelease({ name: release.runtime.target.name, moves, images });
}

async function pushImage(
  built: Built,
  { version, release }: TestedRelease,
  context: PublishContext,
): Promise<PublishedImage> {
  const repository = repositoryIn(context.namespace, built.target.image);
  const layout = await OciLayout.open(built.layout);
  const { blobLocations, signal, registry } = context;
  const { uploadedBytes } = await pushContent(layout, built.index, registry, repository, {
    blobLocations,
    signal,
  });
  const attachedBytes = (await context.attach?.(built, repository)) ?? 0;
  return {
    built,
    repository,
    digest: built.index.digest,
    tags: [
      ...tagsOf(built.target, version, context.catalog.targets),
      buildTag(built.target.variant, releasedRevision(release), built.index.digest),
    ],
    uploadedBytes: uploadedBytes + attachedBytes,
  };
}

async function movesOf({ built, repository, tags }: PublishedImage): Promise<TagMove[]> {
  const content = await manifestContent(await OciLayout.open(built.layout), built.index);
  return tags.map((tag) => ({ repository, tag, content }));
}
