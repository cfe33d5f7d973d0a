import pLimit from "p-limit";
import type { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import type { CallOptions, ManifestContent, Registry } from "./client.ts";
import { RegistryError } from "./errors.ts";

/** What became of one blob or manifest: sent, mounted from another repository, or there already. */
export type PushOutcome = "uploaded" | "mounted" | "skipped";

export interface PushEvent {
  readonly kind: "blob" | "manifest";
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly outcome: PushOutcome;
}

export interface PushOptions {
  readonly onProgress?: (event: PushEvent) => void;
  readonly signal?: AbortSignal | undefined;
  /** Blobs on their way at once. */
  readonly concurrency?: number;
  /** Shared by the pushes of one run: what one of them sent, the others mount. */
  readonly blobLocations?: BlobLocations;
}

/** Sizes in bytes, of blobs and manifests together. */
export interface PushResult {
  readonly uploadedBytes: number;
  readonly mountedBytes: number;
  readonly skippedBytes: number;
  readonly uploaded: number;
  readonly mounted: number;
  readonly skipped: number;
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
  const {
    onProgress,
    signal,
    concurrency = DEFAULT_CONCURRENCY,
    blobLocations = new BlobLocations(),
  } = options;
  const events: PushEvent[] = [];
  const report = (kind: PushEvent["kind"], { digest, size }: Descriptor, outcome: PushOutcome) => {
    const event = { kind, digest, size, outcome };
    events.push(event);
    onProgress?.(event);
  };

  const { manifests, blobs } = await layout.closure(descriptor);
  // One failure stops the others: nothing may go on sending after this function has thrown.
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const limit = pLimit(concurrency);
  const pushes = blobs.map((blob) =>
    limit(async () => {
      either.throwIfAborted();
      report("blob", blob, await pushBlob(layout, blob, registry, repository, blobLocations, either));
    }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(pushes);
  await Promise.all(pushes);

  for (const manifest of manifests) {
    signal?.throwIfAborted();
    report("manifest", manifest, await pushManifest(layout, manifest, registry, repository, signal));
  }
  return summarize(events);
}

/**
 * A repository that is not there before its first push may refuse whoever asks about it, and hands out no rights but
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

function summarize(events: readonly PushEvent[]): PushResult {
  const of = (outcome: PushOutcome) => events.filter((event) => event.outcome === outcome);
  const bytes = (outcome: PushOutcome) => of(outcome).reduce((sum, { size }) => sum + size, 0);
  return {
    uploadedBytes: bytes("uploaded"),
    mountedBytes: bytes("mounted"),
    skippedBytes: bytes("skipped"),
    uploaded: of("uploaded").length,
    mounted: of("mounted").length,
    skipped: of("skipped").length,
  };
}
