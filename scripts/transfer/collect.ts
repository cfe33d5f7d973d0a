import {
  type Descriptor,
  imageIndexSchema,
  isIndexType,
  manifestSchema,
  parseDocument,
} from "../formats/oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { referrersOf, referrersTag } from "../registry/referrers.ts";
import type { ExportedImage, TagBeside } from "./exported.ts";

/** What is read from one repository. */
export interface Place {
  readonly registry: Registry;
  readonly repository: string;
  readonly signal?: AbortSignal | undefined;
}

/** All that some images are made of, each once, by digest. */
export class ExportContent {
  /** Manifests and indexes: small, so they are kept as they came. */
  readonly documents = new Map<string, Uint8Array>();
  /** Configurations and layers, and a repository that has each. */
  readonly blobs = new Map<string, { readonly blob: Descriptor; readonly repository: string }>();

  /** All of them together. */
  get bytes(): number {
    const sizes = [
      ...[...this.documents.values()].map(({ length }) => length),
      ...[...this.blobs.values()].map(({ blob }) => blob.size),
    ];
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

/**
 * Reads what an image is made of and what is attached to it: referrers, by the API or the tag that stands in for it,
 * what is attached to those, and cosign's tags. Only documents are read; blobs are listed.
 * @param tags those that point at the image
 * @param all every tag of the repository
 * @throws RegistryError; Error when the image is not whole
 */
export async function collectImage(
  place: Place,
  target: string,
  digest: string,
  tags: readonly string[],
  all: readonly string[],
  contents: ExportContent,
): Promise<ExportedImage> {
  const [image, ...parts] = await take(place, digest, contents);
  if (!image) throw new Error(`${placeOf(place)}: ${digest} is gone`);
  const attached = await takeAttached(place, [image, ...parts], contents);
  const subjects = [image, ...parts, ...attached];
  const prefixes = subjects.map((subject) => `${referrersTag(subject.digest)}.`);
  const besideTags = all.filter((tag) => prefixes.some((prefix) => tag.startsWith(prefix)));
  const beside = await Promise.all(besideTags.map((tag) => takeTag(place, tag, contents)));
  return { target, image, tags, attached, beside: beside.flat() };
}

/** @returns what a digest leads to, itself first; nothing where it is not there */
async function take(place: Place, digest: string, contents: ExportContent): Promise<Descriptor[]> {
  const { registry, repository, signal } = place;
  const manifest = await registry.getManifest(repository, digest, { signal });
  if (!manifest) return [];
  const { mediaType, bytes } = manifest;
  const own = { mediaType, digest, size: bytes.length };
  contents.documents.set(digest, bytes);
  const where = `${placeOf(place)}@${digest}`;
  if (isIndexType(mediaType)) {
    const { manifests } = parseDocument(imageIndexSchema, bytes, where);
    const parts = await Promise.all(manifests.map((part) => takePart(place, part.digest, contents)));
    return [own, ...parts.flat()];
  }
  const { config, layers } = parseDocument(manifestSchema, bytes, where);
  for (const blob of [config, ...layers]) contents.blobs.set(blob.digest, { blob, repository });
  return [own];
}

async function takePart(place: Place, digest: string, contents: ExportContent): Promise<Descriptor[]> {
  const found = await take(place, digest, contents);
  if (found.length === 0) throw new Error(`${placeOf(place)}: ${digest}, a part of an image, is missing`);
  return found;
}

async function takeAttached(
  place: Place,
  subjects: readonly Descriptor[],
  contents: ExportContent,
): Promise<Descriptor[]> {
  const { registry, repository, signal } = place;
  const lists = subjects.map(({ digest }) => referrersOf(registry, repository, digest, { signal }));
  const found: Descriptor[] = [];
  for (const listed of (await Promise.all(lists)).flat()) {
    // A list may still name what has been removed.
    if ((await take(place, listed.digest, contents)).length > 0) found.push(listed);
  }
  return found.length === 0 ? [] : [...found, ...(await takeAttached(place, found, contents))];
}

async function takeTag(place: Place, tag: string, contents: ExportContent): Promise<TagBeside[]> {
  const { registry, repository, signal } = place;
  const head = await registry.headManifest(repository, tag, { signal });
  if (!head) return [];
  const [manifest] = await take(place, head.digest, contents);
  return manifest ? [{ tag, manifest }] : [];
}

/** `HOST/REPOSITORY`, for errors. */
function placeOf({ registry, repository }: Place): string {
  return `${registry.host}/${repository}`;
}
