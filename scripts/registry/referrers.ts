import { canonicalJson, digestOf, hexOf } from "../formats/oci/digest.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import {
  type Descriptor,
  isIndexType,
  MEDIA_TYPE,
  manifestSchema,
  parseDocument,
} from "../formats/oci/types.ts";
import { referrersIn } from "./answers.ts";
import type { Registry } from "./client.ts";
import type { CallOptions } from "./connection.ts";
import { type BlobLocations, pushContent } from "./push.ts";

/** A document that is attached to an image. */
export interface Attachment {
  /** What it is about. */
  readonly subject: Descriptor;
  /** Of the document; the artifact is of the same. */
  readonly mediaType: string;
  readonly content: string;
  /** More that others choose by. */
  readonly annotations?: Readonly<Record<string, string>>;
}

const EMPTY = { bytes: Buffer.from("{}"), mediaType: "application/vnd.oci.empty.v1+json" };

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
  registry: Registry,
  repository: string,
  attachment: Attachment,
  layout: OciLayout,
  options: CallOptions & { readonly blobLocations?: BlobLocations } = {},
): Promise<number> {
  const { subject, mediaType, content, annotations } = attachment;
  const manifest = await layout.putJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      artifactType: mediaType,
      config: await layout.putBytes(EMPTY.bytes, EMPTY.mediaType),
      layers: [await layout.putBytes(Buffer.from(content), mediaType)],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      ...(annotations && { annotations }),
    },
    MEDIA_TYPE.manifest,
  );
  const sent = await pushContent(layout, manifest, registry, repository, options);
  const entry = { ...manifest, artifactType: mediaType, ...(annotations && { annotations }) };
  await listReferrer(registry, repository, subject.digest, entry, options);
  return sent;
}

/**
 * Sees to it that what is attached to a digest is found, once it is in the repository itself.
 * @param entry as lists have it: with artifact type and annotations
 * @throws RegistryError
 */
export async function listReferrer(
  registry: Registry,
  repository: string,
  subject: string,
  entry: Descriptor,
  options: CallOptions = {},
): Promise<void> {
  // A registry with the API lists it by itself.
  if (await registry.referrers(repository, subject, options)) return;
  const listed = await taggedReferrers(registry, repository, subject, options);
  if (listed.some(({ digest }) => digest === entry.digest)) return;
  const manifests = [...listed, entry];
  const bytes = Buffer.from(canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }));
  const content = { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
  await registry.putManifest(repository, referrersTag(subject), content, options);
}

/** All that is attached to a digest, with the API or without it. @throws RegistryError */
export async function referrersOf(
  registry: Registry,
  repository: string,
  subject: string,
  options: CallOptions = {},
): Promise<readonly Descriptor[]> {
  const listed = await registry.referrers(repository, subject, options);
  return listed ?? taggedReferrers(registry, repository, subject, options);
}

async function taggedReferrers(
  registry: Registry,
  repository: string,
  subject: string,
  options: CallOptions,
): Promise<readonly Descriptor[]> {
  const tag = referrersTag(subject);
  const index = await registry.getManifest(repository, tag, options);
  // GitLab's registry reads the tag as the digest, and answers with the image itself: its platforms are not attached.
  if (!index || index.digest === subject || !isIndexType(index.mediaType)) return [];
  return referrersIn(index.bytes) ?? [];
}

/** The document of an attachment that was listed; undefined where it is gone. @throws RegistryError */
export async function readAttachment(
  registry: Registry,
  repository: string,
  listed: Descriptor,
  options: CallOptions = {},
): Promise<string | undefined> {
  const manifest = await registry.getManifest(repository, listed.digest, options);
  if (!manifest) return undefined;
  const [layer] = parseDocument(manifestSchema, manifest.bytes, listed.digest).layers;
  const bytes = layer && (await registry.getBlob(repository, layer, options));
  return bytes?.toString("utf8");
}
