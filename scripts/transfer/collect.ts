import { isMark } from "../formats/lifecycle.ts";
import {
  type Descriptor,
  imageIndexSchema,
  isIndexType,
  manifestSchema,
  parseDocument,
} from "../formats/oci/types.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { referrersOf, referrersTag } from "../registry/referrers.ts";
import type { ExportedImage, TagBeside } from "./exported.ts";

/** A repository that is read. */
interface Place extends RepositoryPlace {
  /** What has been read from it and from others. */
  readonly contents: ExportContent;
}

/** A blob, and a repository that has it. */
export interface KeptBlob extends Pick<Descriptor, "digest" | "size"> {
  readonly repository: string;
  /** A configuration, which is small and says of what platform its image is; the others are layers. */
  readonly isConfig: boolean;
}

/** All that some images are made of, each once, by digest. */
export class ExportContent {
  /** Manifests and indexes: small, so they are kept as they came. */
  readonly documents = new Map<string, Uint8Array>();
  /** Configurations and layers. */
  readonly blobs = new Map<string, KeptBlob>();

  /** All of them together. */
  get bytes(): number {
    let sum = 0;
    for (const { length } of this.documents.values()) sum += length;
    for (const { size } of this.blobs.values()) sum += size;
    return sum;
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
): Promise<ExportedImage> {
  const [image, ...parts] = await take(place, digest);
  if (!image) throw new Error(`${placeOf(place)}: ${digest} is gone`);
  const attached = await takeAttached(place, [image, ...parts]);
  const subjects = [image, ...parts, ...attached];
  const prefixes = subjects.map((subject) => `${referrersTag(subject.digest)}.`);
  const besideTags = all.filter((tag) => prefixes.some((prefix) => tag.startsWith(prefix)));
  const beside = await Promise.all(besideTags.map((tag) => takeTag(place, tag)));
  return { target, image, tags, attached, beside: beside.flat() };
}

/** Reads what a digest leads to, and nothing that is attached. @throws RegistryError; Error when it is not whole */
export async function collectContent(place: Place, digest: string): Promise<void> {
  if ((await take(place, digest)).length === 0) throw new Error(`${placeOf(place)}: ${digest} is gone`);
}

/** @returns what a digest leads to, itself first; nothing where it is not there */
async function take(place: Place, digest: string): Promise<Descriptor[]> {
  const { registry, repository, signal, contents } = place;
  const manifest = await registry.getManifest(repository, digest, { signal });
  if (!manifest) return [];
  const { mediaType, bytes } = manifest;
  const own = { mediaType, digest, size: bytes.length };
  contents.documents.set(digest, bytes);
  const where = `${placeOf(place)}@${digest}`;
  if (isIndexType(mediaType)) {
    const { manifests } = parseDocument(imageIndexSchema, bytes, where);
    const parts = manifests.map(async (part) => {
      const found = await take(place, part.digest);
      if (found.length > 0) return found;
      throw new Error(`${placeOf(place)}: ${part.digest}, a part of an image, is missing`);
    });
    return [own, ...(await Promise.all(parts)).flat()];
  }
  const { config, layers } = parseDocument(manifestSchema, bytes, where);
  for (const { digest: of, size } of [config, ...layers]) {
    contents.blobs.set(of, { digest: of, size, repository, isConfig: of === config.digest });
  }
  return [own];
}

async function takeAttached(place: Place, subjects: readonly Descriptor[]): Promise<Descriptor[]> {
  const lists = subjects.map(({ digest }) => referrersOf(place, digest));
  const found: Descriptor[] = [];
  for (const listed of (await Promise.all(lists)).flat()) {
    // What is superseded here is what the other side publishes.
    if (isMark(listed)) continue;
    // A list may still name what has been removed.
    if ((await take(place, listed.digest)).length > 0) found.push(listed);
  }
  return found.length === 0 ? [] : [...found, ...(await takeAttached(place, found))];
}

async function takeTag(place: Place, tag: string): Promise<TagBeside[]> {
  const { registry, repository, signal } = place;
  const head = await registry.headManifest(repository, tag, { signal });
  if (!head) return [];
  const [manifest] = await take(place, head.digest);
  return manifest ? [{ tag, manifest }] : [];
}

/** `HOST/REPOSITORY`, for errors. */
function placeOf({ registry, repository }: Place): string {
  return `${registry.host}/${repository}`;
}
