import type { OciLayout } from "../formats/oci/layout.ts";
import type { Target } from "../model/target.ts";
import { tagFor } from "../model/target.ts";
import type { TagMover } from "../publish/move-release.ts";
import type { Registry } from "../registry/client.ts";
import { type BlobLocations, manifestContent, pushContent } from "../registry/push.ts";
import { type Namespace, repositoryIn } from "../registry/reference.ts";
import { listReferrer } from "../registry/referrers.ts";
import type { TagMove } from "../registry/switch-tags.ts";
import { bringBeside } from "./beside.ts";
import { subjectOf } from "./claims.ts";
import type { ExportedImage } from "./exported.ts";

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

/** What sending needs of the world. */
export interface ImportContext {
  readonly registry: Registry;
  /** Moves tags, all of a release or none. */
  readonly mover: TagMover;
  readonly namespace: Namespace;
  readonly layout: OciLayout;
  readonly blobLocations: BlobLocations;
  readonly signal: AbortSignal;
}

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
    ...{ image, keep: target.policy.keep, confirm: false },
  }));
  const moved = await context.mover.moveRelease({ name, moves, images });
  return variants.map(({ target, exported: { image, tags } }, index) => ({
    ...{ target: target.name, digest: image.digest, sent: sizes[index] ?? 0 },
    moved: tags.filter((tag) => moved.some((move) => move.tag === tag)),
  }));
}

/** The tags of an image, as they are to be here. */
export async function movesOf(
  { target, exported }: ImportedImage,
  context: MovesContext,
): Promise<TagMove[]> {
  const repository = repositoryIn(context.namespace, target.image);
  const content = await manifestContent(context.layout, exported.image);
  return exported.tags.map((tag) => ({ repository, tag, content }));
}

export type MovesContext = Pick<ImportContext, "namespace" | "layout">;

/** @returns the bytes that were sent */
async function sendImage({ target, exported }: ImportedImage, context: ImportContext): Promise<number> {
  const { registry, namespace, layout, blobLocations, signal } = context;
  const repository = repositoryIn(namespace, target.image);
  const { image, attached, beside } = exported;
  let sent = 0;
  for (const content of [image, ...attached, ...beside.map(({ manifest }) => manifest)]) {
    sent += (await pushContent(layout, content, registry, repository, { blobLocations, signal }))
      .uploadedBytes;
  }
  for (const entry of attached) {
    const subject = await subjectOf(layout, entry);
    if (subject) await listReferrer(registry, repository, subject.digest, entry, { signal });
  }
  for (const one of beside) await bringBeside(one, layout, registry, repository, { signal });
  return sent;
}
