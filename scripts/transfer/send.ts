import pLimit from "p-limit";
import type { OciLayout } from "../formats/oci/layout.ts";
import { manifestSchema, parseDocument } from "../formats/oci/types.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { TagMover } from "../publish/move-release.ts";
import type { ManifestContent, Registry, RepositoryPlace } from "../registry/client.ts";
import {
  ABOUT_TO_WRITE,
  type BlobLocations,
  manifestContent,
  pushContent,
  putTag,
} from "../registry/push.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import { listReferrer } from "../registry/referrers.ts";
import { planMoves, type TagMove } from "../registry/switch-tags.ts";
import { contentOf, type ExportedImage, type TagBeside } from "./exported.ts";
import { subjectOf } from "./verify.ts";

/** An image of an export, and what the catalog here says of it. */
export interface ImportedImage {
  readonly target: Target;
  readonly exported: ExportedImage;
}

/** Both variants of a version: their tags move together. */
export interface ImportedRelease {
  /** As its runtime variant is named: `node:22`. */
  readonly name: string;
  readonly variants: readonly ImportedImage[];
}

/** What sending needs. */
export interface ImportContext {
  readonly registry: Registry;
  /** Moves tags, all of a release or none. */
  readonly mover: TagMover;
  readonly namespace: Namespace;
  readonly layout: OciLayout;
  readonly blobLocations: BlobLocations;
  readonly signal: AbortSignal;
}

type ForecastContext = Pick<ImportContext, "layout" | "registry" | "namespace" | "signal">;

/** What became of one image. */
export interface Sent {
  readonly target: string;
  readonly digest: string;
  /** Bytes. */
  readonly sent: number;
  readonly moved: readonly string[];
}

/**
 * Sends both variants of a version as a publish does: content by digest, then what is attached, then all tags at once.
 * What is there already is not sent, and a tag that is there already not moved.
 * @throws RegistryError; no tag has moved unless everything had arrived
 */
export async function sendRelease(
  { name, variants }: ImportedRelease,
  context: ImportContext,
): Promise<Sent[]> {
  const sizes: number[] = [];
  for (const imported of variants) sizes.push(await sendImage(imported, context));
  context.signal.throwIfAborted();
  const moves = (await Promise.all(variants.map((imported) => movesOf(imported, context)))).flat();
  const images = variants.map(({ target, exported: { image } }) => ({
    repository: repositoryIn(context.namespace, target.image),
    tag: tagFor(target.variant, target.version),
    image,
    keep: target.policy.keep,
  }));
  const moved = await context.mover.moveRelease({ name, moves, images });
  return variants.map(({ target, exported: { image, tags } }, index) => ({
    target: target.name,
    digest: image.digest,
    sent: sizes[index] ?? 0,
    moved: tags.filter((tag) => moved.some((move) => move.tag === tag)),
  }));
}

/** The tags of an image, as they are to be here. */
async function movesOf(
  { target, exported }: ImportedImage,
  { namespace, layout }: ForecastContext,
): Promise<TagMove[]> {
  const repository = repositoryIn(namespace, target.image);
  const content = await manifestContent(layout, exported.image);
  return exported.tags.map((tag) => ({ repository, tag, content }));
}

/** @returns the bytes that were sent */
async function sendImage({ target, exported }: ImportedImage, context: ImportContext): Promise<number> {
  const { registry, namespace, layout, blobLocations, signal } = context;
  const repository = repositoryIn(namespace, target.image);
  const place = { registry, repository, signal };
  let sent = 0;
  for (const content of contentOf(exported)) {
    sent += await pushContent(layout, content, registry, repository, { blobLocations, signal });
  }
  for (const entry of exported.attached) {
    const subject = await subjectOf(layout, entry);
    if (subject) await listReferrer(place, subject.digest, entry);
  }
  for (const one of exported.beside) await bringBeside(one, layout, place);
  return sent;
}

/**
 * Points a tag beside an image at what has arrived. Where the tag has all of that and more, as after another signature
 * was added here, it is left alone.
 * @throws RegistryError
 */
export async function bringBeside(
  { tag, manifest }: TagBeside,
  layout: OciLayout,
  { registry, repository, signal }: RepositoryPlace,
): Promise<void> {
  const here = await registry.getManifest(repository, tag, { signal });
  const content = await manifestContent(layout, manifest);
  if (here?.digest === content.digest) return;
  // cosign keeps each signature, and each statement, as a layer.
  const layers = new Set(here && layersOf(here));
  if (here && layersOf(content).every((digest) => layers.has(digest))) return;
  await putTag(registry, repository, tag, content, { signal });
}

function layersOf({ bytes, digest }: ManifestContent): string[] {
  return parseDocument(manifestSchema, bytes, digest).layers.map((layer) => layer.digest);
}

/** Requests at once. */
const AT_ONCE = 16;

/**
 * What sending an image would do. What several images share is counted for each repository that lacks it, though it
 * would be mounted rather than sent.
 * @throws RegistryError
 */
export async function forecast(imported: ImportedImage, context: ForecastContext): Promise<Sent> {
  const { layout, registry, namespace, signal } = context;
  const { target, exported } = imported;
  const repository = repositoryIn(namespace, target.image);
  const closures = await Promise.all(contentOf(exported).map((root) => layout.closure(root)));
  const limit = pLimit(AT_ONCE);
  const options = { ...ABOUT_TO_WRITE, signal };
  const missing = await Promise.all([
    ...distinct(closures.flatMap(({ blobs }) => blobs)).map(({ digest, size }) =>
      limit(async () => ((await registry.blobExists(repository, digest, options)) ? 0 : size)),
    ),
    ...distinct(closures.flatMap(({ manifests }) => manifests)).map(({ digest, size }) =>
      limit(async () => ((await registry.headManifest(repository, digest, options)) ? 0 : size)),
    ),
  ]);
  const moves = await planMoves(registry, await movesOf(imported, context), options);
  return {
    target: target.name,
    digest: exported.image.digest,
    moved: moves.map(({ tag }) => tag),
    sent: missing.reduce((sum, size) => sum + size, 0),
  };
}

function distinct<T extends { readonly digest: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.digest, item])).values()];
}
