import type { Built } from "../build/built.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { pushContent } from "../registry/push.ts";
import { repositoryIn } from "../registry/reference.ts";
import type { PublishContext } from "./publish.ts";

/**
 * Sends images before they are tested, to be tested by others: a cluster's nodes pull them from the registry. They are
 * there by digest alone. No tag points at them, so nobody is shown them, and what then fails its test is as if it had
 * never been sent: whatever removes untagged manifests removes it.
 */
export class EarlyPushes {
  /** Digest of an index → the bytes that were sent for it. */
  readonly #sent = new Map<string, number>();
  /** Where images are by now: their repository and digest. */
  readonly #there = new Set<string>();

  constructor(
    private readonly context: Pick<PublishContext, "registry" | "namespace" | "blobLocations" | "signal">,
  ) {}

  /**
   * Sends an image, the first time that it is asked for: it is tested on each of its platforms.
   * @returns the repository that the image is in now, with its registry: `registry.example/birds/node`
   * @throws RegistryError
   */
  async push({ target, index, layout }: Built): Promise<string> {
    const { registry, namespace, blobLocations, signal } = this.context;
    const repository = repositoryIn(namespace, target.image);
    const place = `${namespace.registry}/${repository}`;
    const reference = `${place}@${index.digest}`;
    if (this.#there.has(reference)) return place;
    const opened = await OciLayout.open(layout);
    const bytes = await pushContent(opened, index, registry, repository, { blobLocations, signal });
    this.#sent.set(index.digest, this.sent(index.digest) + bytes);
    this.#there.add(reference);
    return place;
  }

  /** How many bytes were sent for an image. */
  sent(digest: string): number {
    return this.#sent.get(digest) ?? 0;
  }
}
