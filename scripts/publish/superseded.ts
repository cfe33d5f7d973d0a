import { tmpdir } from "node:os";
import { isMark, LIFECYCLE, markAnnotations } from "../formats/lifecycle.ts";
import { isAttestation } from "../formats/oci/attestation.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import type { Registry, RepositoryPlace } from "../registry/client.ts";
import { BlobLocations } from "../registry/push.ts";
import { attach, detach, referrersOf } from "../registry/referrers.ts";
import type { TagPermit } from "../registry/switch-tags.ts";
import { messageOf } from "../system/errors.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import type { HistoryEntry } from "./history.ts";

/** Registries that took no mark in this run: nobody waits for each of them again and again. */
const markless = new WeakSet<Registry>();

interface MarkContext {
  readonly registry: Registry;
  readonly permit: TagPermit;
  readonly note: (text: string) => void;
}

/**
 * The marks that say of images that something newer has taken their tag: on the index, and on each of its platforms, as
 * scanners look at either. What is published has none, and neither has a platform that it shares with what it superseded.
 *
 * Nothing here ever throws: the tags have moved by then, and a release does not fail for a mark. What could not be done is
 * noted, and is not in the entries that are returned: the next release of that tag does it.
 */
export class EndMarks {
  constructor(readonly context: MarkContext) {}

  /**
   * Marks all that a history names but the image that its tag is at now; if that one has marks, they go.
   * @returns the entries as they are to be remembered
   */
  async settle(
    repository: string,
    current: Descriptor,
    entries: readonly HistoryEntry[],
    now: Date,
  ): Promise<readonly HistoryEntry[]> {
    const { registry } = this.context;
    const isCurrent = ({ image }: HistoryEntry) => image.digest === current.digest;
    const isDue = (entry: HistoryEntry) => isCurrent(entry) === (entry.ended !== undefined);
    if (!entries.some((entry) => isDue(entry)) || markless.has(registry)) return entries;
    const settled = [...entries];
    await this.#trying(repository, async (place) => {
      const kept = await subjectsOf(place, current);
      const isClean = await this.#unmark(place, kept);
      for (const [at, entry] of entries.entries()) {
        if (!isDue(entry) || (isCurrent(entry) && !isClean)) continue;
        if (!isCurrent(entry))
          await this.#mark(place, entry.image, markAnnotations(now, current.digest), kept);
        settled[at] = { ...entry, ended: isCurrent(entry) ? undefined : now };
      }
    });
    return settled;
  }

  /**
   * Removes the marks of an image that a tag goes back to, and of its platforms; what it went back from gets none, as it
   * may well come again.
   * @returns whether it has none
   */
  async revive(repository: string, image: Descriptor): Promise<boolean> {
    let isClean = false;
    await this.#trying(repository, async (place) => {
      isClean = await this.#unmark(place, await subjectsOf(place, image));
    });
    return isClean;
  }

  async #trying(repository: string, act: (place: RepositoryPlace) => Promise<void>): Promise<void> {
    const { registry, note } = this.context;
    try {
      await act({ registry, repository });
    } catch (error) {
      markless.add(registry);
      const text =
        "what is superseded, and what is no longer, could not be marked so; the next release tries it again";
      note(`${registry.host}/${repository}: ${text}: ${messageOf(error)}`);
    }
  }

  /** @returns whether all marks are gone @throws RegistryError where it cannot be found out */
  async #unmark(place: RepositoryPlace, subjects: readonly Descriptor[]): Promise<boolean> {
    const { registry, note, permit } = this.context;
    let isClean = true;
    for (const { digest } of subjects) {
      for (const mark of (await referrersOf(place, digest)).filter((one) => isMark(one))) {
        permit.require();
        try {
          await detach(place, digest, mark);
        } catch (error) {
          isClean = false;
          const subject = `${registry.host}/${place.repository}@${digest}`;
          const text = `is published again, but scanners may still take it for ended: remove ${mark.digest} by hand`;
          note(`${subject} ${text}: ${messageOf(error)}`);
        }
      }
    }
    return isClean;
  }

  /** @param kept what is published still @throws RegistryError */
  async #mark(
    place: RepositoryPlace,
    image: Descriptor,
    annotations: Readonly<Record<string, string>>,
    kept: readonly Descriptor[],
  ): Promise<void> {
    const isKept = ({ digest }: Descriptor) => kept.some((one) => one.digest === digest);
    const subjects = (await subjectsOf(place, image)).filter((one) => !isKept(one));
    const scratch = await makeScratch(tmpdir(), "birdhouse-mark-");
    try {
      const layout = await OciLayout.create(scratch);
      const blobLocations = new BlobLocations();
      this.context.permit.require();
      const marks = subjects.map((subject) =>
        attach(place, { subject, mediaType: LIFECYCLE, annotations }, layout, blobLocations),
      );
      await Promise.all(marks);
    } finally {
      await removeTree(scratch);
    }
  }
}

/** An image and its platforms, without what the index has beside them; nothing where the image is gone. @throws RegistryError */
async function subjectsOf(
  { registry, repository }: RepositoryPlace,
  image: Descriptor,
): Promise<Descriptor[]> {
  const content = await registry.getManifest(repository, image.digest);
  if (!content) return [];
  if (!isIndexType(content.mediaType)) return [image];
  const { manifests } = parseDocument(imageIndexSchema, content.bytes, `${repository}@${image.digest}`);
  return [image, ...manifests.filter((one) => !isAttestation(one))];
}
