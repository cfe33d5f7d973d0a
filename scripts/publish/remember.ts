import type { Descriptor } from "../formats/oci/types.ts";
import { ASIDE } from "../model/tags.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { putTag } from "../registry/push.ts";
import { messageOf } from "../system/errors.ts";
import {
  type FoundHistory,
  findHistory,
  type History,
  type Hold,
  historyContent,
  historyIn,
  historyTag,
  holdAt,
  withPublished,
} from "./history.ts";
import type { EndMarks } from "./superseded.ts";

/** Told in words of what was found and done. */
export type Note = (text: string) => void;

/** A tag that has a history. */
export interface TagPlace {
  readonly repository: string;
  readonly tag: string;
}

/** An image that a history is to name. */
export interface ImageMove extends TagPlace {
  readonly image: Descriptor;
  /** How many images the history keeps. */
  readonly keep: number;
  /** Whether it matters that a build came to the same image once more. */
  readonly confirm?: boolean;
}

/** An image of a history that its tag goes back to. */
export interface ReturnedImage extends TagPlace {
  readonly image: Descriptor;
}

/** A tag that is to be held where it is put, or with null no longer. */
export interface HoldChange extends TagPlace {
  readonly hold: Hold | null;
}

/** Registries that are known to keep no history: each is asked once. */
const historyless = new WeakSet<Registry>();

/**
 * The histories of the tags of one release, for somebody who holds the publish lock: each is read once, and what is
 * written is remembered. All methods throw RegistryError.
 */
export class Histories {
  readonly #found = new Map<string, FoundHistory>();

  constructor(
    readonly registry: Registry,
    readonly note: Note,
    readonly marks: EndMarks,
  ) {}

  async find({ repository, tag }: TagPlace): Promise<FoundHistory> {
    const key = `${repository}:${tag}`;
    const found = this.#found.get(key) ?? (await findHistory(this.registry, repository, tag));
    this.#found.set(key, found);
    return found;
  }

  /**
   * Makes sure, before tags move, that the history of a tag can be written afterwards: what has its tag is set aside,
   * and a registry without histories is asked whether it takes one. Some take no index of indexes (Quay, gcr.io); then
   * that is noted, once.
   * @returns whether the registry keeps the history
   */
  async prepare({ image, keep, ...place }: ImageMove, now: Date): Promise<boolean> {
    const { registry, note } = this;
    if (historyless.has(registry)) return false;
    const found = await this.find(place);
    // One that is there shows that the registry takes it.
    if (found.kind === "history") return true;
    try {
      const content = historyContent(withPublished([], image, now, keep));
      // By its digest: no tag says yet that anything was published.
      await registry.putManifest(place.repository, content.digest, content);
      if (found.kind === "foreign") await this.#setAside(place, found.content);
      return true;
    } catch (error) {
      if (!refusesContent(error)) throw error;
      if (!historyless.has(registry)) note(noHistoryText(registry, error));
      historyless.add(registry);
      return false;
    }
  }

  /** Adds an image to the history of a tag, if it is not there as the newest, and marks the others as superseded. */
  async remember({ image, keep, confirm = false, ...place }: ImageMove, now: Date): Promise<void> {
    const { entries: found, hold } = await this.#open(place);
    const entries = await this.marks.settle(place.repository, image, found, now);
    const isThere = entries[0]?.image.digest === image.digest && !confirm;
    // A mark that could not be made is not in them.
    if (isThere && entries.every((entry, at) => entry.ended === found[at]?.ended)) return;
    const after = isThere ? entries : withPublished(entries, image, now, keep);
    await this.#write(place, { entries: after, hold: holdAt(hold, now) });
  }

  /** Sees to it that an image of the history that a tag went back to is not called superseded. */
  async revive({ image, ...place }: ReturnedImage): Promise<void> {
    const { entries: found, hold } = await this.#open(place);
    if (!found.some((entry) => entry.image.digest === image.digest && entry.ended)) return;
    if (!(await this.marks.revive(place.repository, image))) return;
    const entries = found.map((entry) =>
      entry.image.digest === image.digest ? { ...entry, ended: undefined } : entry,
    );
    await this.#write(place, { entries, hold });
  }

  /** Records that a tag is held, or held no longer. */
  async rememberHold({ hold, ...place }: HoldChange): Promise<void> {
    const history = await this.#open(place);
    if (!hold && !history.hold) return;
    await this.#write(place, { entries: history.entries, hold: hold ?? undefined });
  }

  /** The history as it is to be written; what else had its tag has been set aside. */
  async #open(place: TagPlace): Promise<History> {
    const found = await this.find(place);
    if (found.kind === "foreign") await this.#setAside(place, found.content);
    return historyIn(found);
  }

  async #write({ repository, tag }: TagPlace, history: History): Promise<void> {
    const content = historyContent(history.entries, history.hold);
    await this.registry.putManifest(repository, historyTag(tag), content);
    this.#found.set(`${repository}:${tag}`, { kind: "history", history });
  }

  /** Gives a tag of its own to an image that has the tag of a history, so that nothing is lost. */
  async #setAside({ repository, tag }: TagPlace, content: ManifestContent): Promise<void> {
    const digits = content.digest.slice("sha256:".length, "sha256:".length + SHORT);
    const aside = `${tag}${ASIDE}${digits}`;
    if ((await this.registry.headManifest(repository, aside))?.digest === content.digest) return;
    await putTag(this.registry, repository, aside, content);
    this.note(
      `${repository}:${historyTag(tag)} was somebody else's image, not a history: it is kept as ` +
        `${repository}:${aside}, and a new history begins`,
    );
  }
}

/** Digits of a digest in a tag. */
const SHORT = 12;

/**
 * Whether a registry does not take what it was sent, and never will. Answers about rights and overload say nothing of
 * that.
 */
export function refusesContent(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.status === undefined) return false;
  const { status } = error;
  return status === 501 || (status >= 400 && status < 500 && !OTHER_REASONS.has(status));
}

const OTHER_REASONS = new Set([401, 403, 407, 408, 429]);

function noHistoryText({ host }: Registry, error: unknown): string {
  const [why = ""] = messageOf(error).split("\n");
  return (
    `${host} keeps no history here: it refuses an index that names indexes, as Quay and gcr.io do. ` +
    `Images are published all the same, but \`rollback\` has nothing to go back to. (${why})`
  );
}
