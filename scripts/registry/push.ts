import pLimit from "p-limit";
import { canonicalJson, digestOf } from "../formats/oci/digest.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../formats/oci/types.ts";
import type { ManifestContent, Registry } from "./client.ts";
import type { CallOptions } from "./connection.ts";
import { RegistryError } from "./errors.ts";

export interface PushOptions {
  readonly signal?: AbortSignal | undefined;
  /** Shared by the pushes of one run: what one of them sent, the others mount. */
  readonly blobLocations?: BlobLocations | undefined;
}

/** Blobs on their way at once. */
const AT_ONCE = 5;

/** Which repository of a registry has a blob, as far as this run knows. One for each registry. */
export class BlobLocations {
  readonly #locations = new Map<string, Promise<string | undefined>>();

  /**
   * Brings a blob into a repository, after any other that is bringing the same one: what two images share is
   * sent once, however many of them are pushed at the same time.
   * @param upload is given the repository that has the blob, if one is known, and says whether it sent the blob
   * @returns whether it was sent
   */
  bring(
    digest: string,
    repository: string,
    upload: (holder: string | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    const known = this.#locations.get(digest) ?? Promise.resolve(undefined);
    const arrival = known.then((holder) => holder !== repository && upload(holder));
    const location = arrival.then(() => repository).catch(() => undefined);
    this.#locations.set(digest, location);
    return arrival;
  }
}

/**
 * A repository that does not exist before its first push may refuse to be asked about, and gives no rights but
 * those to write: so it is asked as one who writes, and whether we may at all, the writing itself tells.
 */
export const ABOUT_TO_WRITE: CallOptions = { access: "push", refusedIsAbsent: true };

/**
 * Brings everything that a descriptor leads to into a repository: blobs side by side, then manifests, children
 * first, by digest. What is there already is not sent again. No tag is touched.
 * @returns the bytes that were sent
 * @throws RegistryError when something cannot be sent; what has arrived stays, and the next push skips it
 */
export async function pushContent(
  layout: OciLayout,
  descriptor: Descriptor,
  registry: Registry,
  repository: string,
  options: PushOptions = {},
): Promise<number> {
  const { signal, blobLocations = new BlobLocations() } = options;
  const { manifests, blobs } = await layout.closure(descriptor);
  let sent = 0;
  // One failure stops the others: nothing may go on sending after this function has thrown.
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const pushBlob = async ({ digest, size }: Descriptor) => {
    either.throwIfAborted();
    const isSent = await blobLocations.bring(digest, repository, async (mountFrom) => {
      const asking = { ...ABOUT_TO_WRITE, signal: either };
      if (await registry.blobExists(repository, digest, asking)) return false;
      const file = { path: layout.blobPath(digest), digest, size };
      const outcome = await registry.uploadBlob(repository, file, { mountFrom, signal: either });
      return outcome === "uploaded";
    });
    if (isSent) sent += size;
  };
  const limit = pLimit(AT_ONCE);
  const pushes = blobs.map((blob) =>
    limit(() => pushBlob(blob)).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(pushes);
  await Promise.all(pushes);

  for (const manifest of manifests) {
    signal?.throwIfAborted();
    const { digest, size } = manifest;
    if (await registry.headManifest(repository, digest, { ...ABOUT_TO_WRITE, signal })) continue;
    await registry.putManifest(repository, digest, await manifestContent(layout, manifest), { signal });
    sent += size;
  }
  return sent;
}

/** A manifest or an index of a layout, ready for a registry. @throws Error when it is damaged. */
export async function manifestContent(layout: OciLayout, descriptor: Descriptor): Promise<ManifestContent> {
  const { mediaType, digest } = descriptor;
  return { bytes: await layout.readBlob(descriptor), mediaType, digest };
}

/** An index that is made here, ready for a registry: the same words make the same bytes. Pure. */
export function indexContent(words: Readonly<Record<string, unknown>>): ManifestContent {
  const mediaType = MEDIA_TYPE.index;
  const bytes = Buffer.from(canonicalJson({ schemaVersion: 2, mediaType, ...words }));
  return { bytes, mediaType, digest: digestOf(bytes) };
}

/**
 * Points a tag at a manifest that is in the repository already, and reads it back to be sure.
 * @throws RegistryError also when the tag points elsewhere afterwards
 */
export async function putTag(
  registry: Registry,
  repository: string,
  tag: string,
  content: ManifestContent,
  options: CallOptions = {},
): Promise<void> {
  await registry.putManifest(repository, tag, content, options);
  const after = await registry.headManifest(repository, tag, options);
  if (after?.digest === content.digest) return;
  const detail = `it was put at ${content.digest}, but points at ${after?.digest ?? "nothing"}`;
  throw new RegistryError({ registry: registry.host, repository, action: `move the tag ${tag}`, detail });
}
