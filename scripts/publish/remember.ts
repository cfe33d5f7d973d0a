import { ASIDE } from "../model/reserved.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { putTag } from "../registry/push.ts";
import { messageOf } from "../system/errors.ts";
import {
  findHistory,
  type History,
  historyContent,
  historyIn,
  historyTag,
  type Publication,
  withPublished,
  writeHistory,
} from "./history.ts";
import { type Hold, holdAt } from "./hold.ts";

/** Told in words of what was found and done. */
export type Note = (text: string) => void;

/** A tag that has a history. */
export interface HistoryPlace {
  readonly registry: Registry;
  readonly repository: string;
  readonly tag: string;
}

/** Registries that are known to keep no history: each is asked once. */
const historyless = new WeakSet<Registry>();

/**
 * Sees to it, before tags move, that the history of a tag can be written after: what stands in its place is set aside,
 * and a registry without histories is asked whether it takes one. Some take no index of indexes (Quay, gcr.io); then
 * that is said, once.
 * @param entry what the history is to say
 * @returns whether the history is kept there
 * @throws RegistryError where the registry is away, or refuses for who asks
 */
export async function prepareHistory(place: HistoryPlace, entry: Publication, note: Note): Promise<boolean> {
  const { registry, repository, tag } = place;
  if (historyless.has(registry)) return false;
  const found = await findHistory(registry, repository, tag);
  // One that is there shows that it is taken.
  if (found.kind === "history") return true;
  try {
    const { image, now, keep } = entry;
    const content = historyContent(withPublished([], image, now, keep));
    // By its digest: no tag says yet that anything was published.
    await registry.putManifest(repository, content.digest, content);
    if (found.kind === "foreign") await setAside(place, found.content, note);
    return true;
  } catch (error) {
    if (!refusesContent(error)) throw error;
    if (!historyless.has(registry)) note(noHistoryText(registry, error));
    historyless.add(registry);
    return false;
  }
}

/**
 * Whether a registry does not take what it was sent, and never will: what one that could keep a history would not answer
 * to one. Rights and overload are another matter.
 */
export function refusesContent(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.status === undefined) return false;
  const { status } = error;
  return status === 501 || (status >= 400 && status < 500 && !OTHER_MATTERS.has(status));
}

const OTHER_MATTERS = new Set([401, 403, 407, 408, 429]);

function noHistoryText(registry: Registry, error: unknown): string {
  const [why = ""] = messageOf(error).split("\n");
  return (
    `${registry.host} keeps no history here: it refuses an index that names indexes, as Quay and gcr.io do. ` +
    `Images are published all the same; \`rollback\` has nothing to go back to. (${why})`
  );
}

/** Adds an image to the history of a tag, if it is not there as the newest. @throws RegistryError */
export async function remember(
  place: HistoryPlace,
  { image, now, keep, confirm = false }: Publication,
  note: Note,
): Promise<void> {
  const { entries, hold } = await openHistory(place, note);
  if (entries[0]?.image.digest === image.digest && !confirm) return;
  const { registry, repository, tag } = place;
  await writeHistory(registry, repository, tag, withPublished(entries, image, now, keep), holdAt(hold, now));
}

/** Records that a tag is held, or with no hold that it is held no longer. @throws RegistryError */
export async function rememberHold(place: HistoryPlace, hold: Hold | undefined, note: Note): Promise<void> {
  const { registry, repository, tag } = place;
  const history = await openHistory(place, note);
  if (!hold && !history.hold) return;
  await writeHistory(registry, repository, tag, history.entries, hold);
}

/** The history as it is to be written anew; what stands in its place has been set aside. */
async function openHistory(place: HistoryPlace, note: Note): Promise<History> {
  const found = await findHistory(place.registry, place.repository, place.tag);
  if (found.kind === "foreign") await setAside(place, found.content, note);
  return historyIn(found);
}

/** Digits of a digest in a tag. */
const SHORT = 12;

/** Gives a tag of its own to what is not ours: nothing is lost when its tag comes to be a history. */
async function setAside(
  { registry, repository, tag }: HistoryPlace,
  content: ManifestContent,
  note: Note,
): Promise<void> {
  const digits = content.digest.slice("sha256:".length, "sha256:".length + SHORT);
  const aside = `${tag}${ASIDE}${digits}`;
  if ((await registry.headManifest(repository, aside))?.digest === content.digest) return;
  await putTag(registry, repository, aside, content);
  note(
    `${repository}:${historyTag(tag)} was no history but somebody else's image: it is kept as ` +
      `${repository}:${aside}, and the history begins anew`,
  );
}
