import type { Built } from "../build/built.ts";
import { imagesOf } from "../build/release.ts";
import { tagFor } from "../catalog/tags.ts";
import type { Catalog } from "../catalog/target.ts";
import { OciLayout } from "../oci/layout.ts";
import type { Registry } from "../registry/client.ts";
import { type BlobHomes, manifestContent, pushContent } from "../registry/push.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import { switchTags, type TagMove } from "../registry/switch-tags.ts";
import type { TestedRelease } from "../smoke/smoke.ts";
import { readHistory, withPublished, writeHistory } from "./history.ts";
import { tagsOf } from "./tags.ts";

/** How many images a tag remembers. */
const HISTORY_LENGTH = 30;

/** What publishing needs of the world. */
export interface PublishContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** All of it, as tags of one target may not be those of another. */
  readonly catalog: Catalog;
  /** What this run has already sent, so that other repositories mount it. */
  readonly homes: BlobHomes;
  /** Now, for the history. */
  readonly clock: () => Date;
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
 * Publishes a release: the content of all its variants by digest first, then their signatures, then all their tags. Takes what only
 * `smoke` returns, so an untested image cannot get here.
 * @throws RegistryError; no tag has moved unless everything had arrived
 */
export async function publish(tested: TestedRelease, context: PublishContext): Promise<PublishedImage[]> {
  const published: PublishedImage[] = [];
  for (const built of imagesOf(tested.release))
    published.push(await pushImage(built, tested.version, context));
  for (const image of published) await context.sign?.(image);
  // From here on an interruption is not heeded: a moment later all tags have moved, and never only some.
  context.signal?.throwIfAborted();
  const moves = await Promise.all(published.map(movesOf));
  await switchTags(context.registry, moves.flat());
  const now = context.clock();
  for (const image of published) await remember(image, now, context);
  return published;
}

async function pushImage(built: Built, version: string, context: PublishContext): Promise<PublishedImage> {
  const repository = repositoryIn(context.namespace, built.target.image);
  const layout = await OciLayout.open(built.layout);
  const { homes, signal, registry } = context;
  const { uploadedBytes } = await pushContent(layout, built.index, registry, repository, { homes, signal });
  return {
    built,
    repository,
    digest: built.index.digest,
    tags: tagsOf(built.target, version, context.catalog.targets),
    uploadedBytes,
  };
}

async function movesOf({ built, repository, tags }: PublishedImage): Promise<TagMove[]> {
  const content = await manifestContent(await OciLayout.open(built.layout), built.index);
  return tags.map((tag) => ({ repository, tag, content }));
}

/**
 * Adds an image to the history of the tag that its target is named by. That a build came to the same image once
 * more matters only where its age does.
 */
async function remember(
  { built, repository }: PublishedImage,
  now: Date,
  { registry }: PublishContext,
): Promise<void> {
  const tag = tagFor(built.target.variant, built.target.version);
  const history = await readHistory(registry, repository, tag);
  const isNewest = history[0]?.image.digest === built.index.digest;
  if (isNewest && built.target.policy.maxAge === undefined) return;
  await writeHistory(registry, repository, tag, withPublished(history, built.index, now, HISTORY_LENGTH));
}
