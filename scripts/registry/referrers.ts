import { hexOf } from "../formats/oci/digest.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import {
  type Descriptor,
  isIndexType,
  MEDIA_TYPE,
  manifestSchema,
  parseDocument,
} from "../formats/oci/types.ts";
import { tryJson } from "../system/json.ts";
import { referrersIn } from "./answers.ts";
import type { RepositoryPlace } from "./client.ts";
import { type BlobLocations, indexContent, pushContent } from "./push.ts";

/** A document that is attached to an image. */
export interface Attachment {
  /** What it is about. */
  readonly subject: Descriptor;
  /** Of the document; the artifact is of the same. */
  readonly mediaType: string;
  /** Left out where the annotations say it all. */
  readonly content?: string;
  /** More that others choose by. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Where a registry without the referrers API has the list of what is attached. Source: distribution spec 1.1, "Referrers Tag Schema" */
export function referrersTag(digest: string): string {
  return `sha256-${hexOf(digest)}`;
}

/**
 * Attaches a document to an image that is in the repository. One that is there already is not sent again.
 * @param layout for its blobs and manifest
 * @returns the bytes that were sent
 * @throws RegistryError
 */
export async function attach(
  place: RepositoryPlace,
  attachment: Attachment,
  layout: OciLayout,
  blobLocations?: BlobLocations,
): Promise<number> {
  const { registry, repository, signal } = place;
  const { subject, mediaType, content, annotations } = attachment;
  const empty = await layout.putBytes(Buffer.from("{}"), EMPTY);
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    artifactType: mediaType,
    config: empty,
    layers: [content === undefined ? empty : await layout.putBytes(Buffer.from(content), mediaType)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...(annotations && { annotations }),
  };
  const manifest = await layout.putJson(document, MEDIA_TYPE.manifest);
  const sent = await pushContent(layout, manifest, registry, repository, { signal, blobLocations });
  const entry = { ...manifest, artifactType: mediaType, ...(annotations && { annotations }) };
  await listReferrer(place, subject.digest, entry);
  return sent;
}

/**
 * Sees to it that what is attached to a digest is found, once it is in the repository itself.
 * @param entry as lists have it: with artifact type and annotations
 * @throws RegistryError
 */
export async function listReferrer(
  place: RepositoryPlace,
  subject: string,
  entry: Descriptor,
): Promise<void> {
  const { registry, repository, signal } = place;
  // A registry with the API lists it by itself.
  if (await registry.referrers(repository, subject, { signal })) return;
  const listed = await taggedReferrers(place, subject);
  if (listed.some(({ digest }) => digest === entry.digest)) return;
  // The same list whatever came first: an import attaches in another order than the publish did.
  const manifests = [...listed, entry].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const content = indexContent({ manifests });
  await registry.putManifest(repository, referrersTag(subject), content, { signal });
}

/**
 * Sees to it that something is attached to a digest no longer. A registry that lists by itself must delete it for that.
 * @throws UserError where it deletes nothing, RegistryError
 */
export async function detach(place: RepositoryPlace, subject: string, listed: Descriptor): Promise<void> {
  const { registry, repository, signal } = place;
  if (await registry.referrers(repository, subject, { signal })) {
    await registry.deleteManifest(repository, listed.digest, { signal });
    return;
  }
  const manifests = (await taggedReferrers(place, subject)).filter(({ digest }) => digest !== listed.digest);
  await registry.putManifest(repository, referrersTag(subject), indexContent({ manifests }), { signal });
}

/**
 * All that is attached to a digest, with the API or without it, each with its own type and annotations.
 * @throws RegistryError
 */
export async function referrersOf(place: RepositoryPlace, subject: string): Promise<readonly Descriptor[]> {
  const listed = await listedReferrers(place, subject);
  return Promise.all(listed.map((one) => completed(place, one)));
}

/** The same as it is listed: for who asks only for digests. @throws RegistryError */
export async function listedReferrers(
  place: RepositoryPlace,
  subject: string,
): Promise<readonly Descriptor[]> {
  const { registry, repository, signal } = place;
  return (await registry.referrers(repository, subject, { signal })) ?? taggedReferrers(place, subject);
}

/** The type of a configuration without any content. Source: image specification 1.1, "Guidance for an Empty Descriptor" */
const EMPTY = "application/vnd.oci.empty.v1+json";

/**
 * Whoever lists by the specification 1.1 says the type of each. zot's first versions, as the drafts had it, and cosign 3
 * where it keeps the list, say that of its configuration, which is empty; others say none. Then the manifest itself tells.
 * What is no manifest as it should be stays as it was listed: anybody may attach anything.
 */
async function completed(place: RepositoryPlace, listed: Descriptor): Promise<Descriptor> {
  if ((listed.artifactType ?? EMPTY) !== EMPTY) return listed;
  const { artifactType, annotations } = (await manifestOf(place, listed)) ?? {};
  return { ...listed, ...(artifactType && { artifactType }), ...(annotations && { annotations }) };
}

/** The manifest of what is listed; undefined where it is gone, or is none. @throws RegistryError */
export async function manifestOf({ registry, repository, signal }: RepositoryPlace, { digest }: Descriptor) {
  const content = await registry.getManifest(repository, digest, { signal });
  return manifestSchema.safeParse(tryJson(content?.bytes ?? "")).data;
}

async function taggedReferrers(place: RepositoryPlace, subject: string): Promise<readonly Descriptor[]> {
  const { registry, repository, signal } = place;
  const index = await registry.getManifest(repository, referrersTag(subject), { signal });
  // GitLab's registry reads the tag as the digest, and answers with the image itself: its platforms are not attached.
  if (!index || index.digest === subject || !isIndexType(index.mediaType)) return [];
  return referrersIn(index.bytes) ?? [];
}

/** The document of an attachment that was listed; undefined where it is gone. @throws RegistryError */
export async function readAttachment(
  { registry, repository, signal }: RepositoryPlace,
  listed: Descriptor,
): Promise<string | undefined> {
  const manifest = await registry.getManifest(repository, listed.digest, { signal });
  if (!manifest) return undefined;
  const [layer] = parseDocument(manifestSchema, manifest.bytes, listed.digest).layers;
  const bytes = layer && (await registry.getBlob(repository, layer, { signal }));
  return bytes?.toString("utf8");
}
