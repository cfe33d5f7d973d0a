/**
 * Tags and names that Birdhouse, or the way registries keep things, needs for something else than images. A catalog may
 * not give them, an image's version may not come to one, and an import may not bring one.
 */

/** Of the repository that has the lock, in a catalog's namespace. */
export const LOCK_IMAGE = "birdhouse";
export const LOCK_TAG = "lock";

/** Beside a tag: `22.history` has what `22` pointed at. */
export const HISTORY_SUFFIX = ".history";

/** Beside a history's tag: where something else is kept that stood in its place. */
export const ASIDE = `${HISTORY_SUFFIX}-aside-`;

interface ReservedTag {
  readonly pattern: RegExp;
  readonly because: string;
}

const TAGS: readonly ReservedTag[] = [
  { pattern: /\.history$/i, because: "it is where the history of a tag is kept" },
  { pattern: /\.history-aside-/i, because: "it is where is kept what was found in a history's place" },
  // Sources: distribution spec 1.1, "Referrers Tag Schema"; cosign's doc/cosign_sign.md, "Signature Location".
  { pattern: /^sha256-/i, because: "it is where signatures and SBOMs of an image are listed" },
  { pattern: /-r\d{1,9}-[0-9a-f]{12}(?:-dev)?$/, because: "it has the form of the tag of one build" },
];

/**
 * Why no image may have a tag; undefined where one may. Capitals count as small letters: some registries, and file
 * systems behind them, do not tell them apart.
 */
export function reservedTag(tag: string): string | undefined {
  return TAGS.find(({ pattern }) => pattern.test(tag))?.because;
}

/** Why no image may have a name; undefined where one may. */
export function reservedImage(name: string): string | undefined {
  return name.toLowerCase() === LOCK_IMAGE
    ? "the publish lock is kept in the repository of this name"
    : undefined;
}
