import pLimit from "p-limit";
import type { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import type { CallOptions } from "./blobs.ts";
import type { ManifestContent, Registry } from "./client.ts";
import { RegistryError } from "./errors.ts";

/** What became of one blob or manifest: sent, mounted from another repository, or there already. */
export type PushOutcome = "uploaded" | "mounted" | "skipped";

/** What became of one blob or manifest. */
export interface PushedContent {
  readonly kind: "blob" | "manifest";
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly outcome: PushOutcome;
}

export interface PushOptions {
  readonly signal?: AbortSignal | undefined;
  /** Blobs on their way at once. */
  readonly concurrency?: number;
  /** Shared by the pushes of one run: what one of them sent, the others mount. */
  readonly blobLocations?: BlobLocations;
}

export interface PushResult {
  readonly uploadedBytes: number;
  /** In the order in which they arrived. */
  readonly contents: readonly PushedContent[];
}

const DEFAULT_CONCURRENCY = 5;

/** Which repository of a registry has a blob, as far as this run knows. One for each registry. */
export class BlobLocations {
  readonly #locations = new Map<string, Promise<string | undefined>>();

  /**
   * Brings a blob into a repository, after any other that is bringing the same one: what two images share is
   * sent once, however many of them are pushed at the same time.
   * @param upload is given the repository that has the blob, if one is known
   */
  bring(
    digest: string,
    repository: string,
    upload: (holder: string | undefined) => Promise<PushOutcome>,
  ): Promise<PushOutcome> {
    const known = this.#locations.get(digest) ?? Promise.resolve(undefined);
    const arrival = known.then((holder) => (holder === repository ? "skipped" : upload(holder)));
    this.#locations.set(
      digest,
      arrival.then(
        () => repository,
        () => undefined,
      ),
    );
    return arrival;
  }
}

/**
 * Brings everything that a descriptor leads to into a repository: blobs side by side, then manifests, children
 * first, by digest. What is there already is not sent again. No tag is touched.
 * @throws RegistryError when something cannot be sent; what has arrived stays, and the next push skips it
 */
export async function pushContent(
  layout: OciLayout,
  descriptor: Descriptor,
  registry: Registry,
  repository: string,
  options: PushOptions = {},
): Promise<PushResult> {
  const { signal, concurrency = DEFAULT_CONCURRENCY, blobLocations = new BlobLocations() } = options;
  const contents: PushedContent[] = [];
  const add = (kind: PushedContent["kind"], { digest, size }: Descriptor, outcome: PushOutcome) =>
    contents.push({ kind, digest, size, outcome });
  const { manifests, blobs } = await layout.closure(descriptor);
  // One failure stops the others: nothing may go on sending after this function has thrown.
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const limit = pLimit(concurrency);
  const pushes = blobs.map((blob) =>
    limit(async () => {
      either.throwIfAborted();
      add("blob", blob, await pushBlob(layout, blob, registry, repository, blobLocations, either));
    }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(pushes);
  await Promise.all(pushes);

  for (const manifest of manifests) {
    signal?.throwIfAborted();
    add("manifest", manifest, await pushManifest(layout, manifest, registry, repository, signal));
  }
  const uploaded = contents.filter(({ outcome }) => outcome === "uploaded");
  return { uploadedBytes: uploaded.reduce((sum, { size }) => sum + size, 0), contents };
}

/**
 * A repository that does not exist before its first push may refuse to be asked about, and gives no rights but
 * those to write: so it is asked as one who writes, and whether we may at all, the writing itself tells.
 */
export const ABOUT_TO_WRITE: CallOptions = { access: "push", refusedIsAbsent: true };

async function pushBlob(
  layout: OciLayout,
  blob: Descriptor,
  registry: Registry,
  repository: string,
  blobLocations: BlobLocations,
  signal: AbortSignal,
): Promise<PushOutcome> {
  const file = { path: layout.blobPath(blob.digest), digest: blob.digest, size: blob.size };
  return await blobLocations.bring(blob.digest, repository, async (mountFrom) => {
    if (await registry.blobExists(repository, blob.digest, { ...ABOUT_TO_WRITE, signal })) return "skipped";
    return await registry.uploadBlob(repository, file, { mountFrom, signal });
  });
}

async function pushManifest(
  layout: OciLayout,
  descriptor: Descriptor,
  registry: Registry,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<PushOutcome> {
  const before = await registry.headManifest(repository, descriptor.digest, { ...ABOUT_TO_WRITE, signal });
  if (before) return "skipped";
  const content = await manifestContent(layout, descriptor);
  await registry.putManifest(repository, descriptor.digest, content, { signal });
  return "uploaded";
}

/** A manifest or an index of a layout, ready for a registry. @throws Error when it is damaged. */
export async function manifestContent(layout: OciLayout, descriptor: Descriptor): Promise<ManifestContent> {
  const { mediaType, digest } = descriptor;
  return { bytes: await layout.readBlob(descriptor), mediaType, digest };
}

/**
 * Points a tag at a manifest that is in the repository already, unless it points there.
 * @throws RegistryError as `putTag`
 */
export async function moveTag(
  registry: Registry,
  repository: string,
  tag: string,
  content: ManifestContent,
  options: CallOptions = {},
): Promise<"moved" | "unchanged"> {
  const before = await registry.headManifest(repository, tag, options);
  if (before?.digest === content.digest) return "unchanged";
  await putTag(registry, repository, tag, content, options);
  return "moved";
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
  throw new RegistryError({
    registry: registry.host,
    repository,
    action: `move the tag ${tag}`,
    detail: `it was put at ${content.digest}, but points at ${after?.digest ?? "nothing"}`,
  });
}
