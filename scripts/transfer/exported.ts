import { isDeepStrictEqual } from "node:util";
import { type Descriptor, REF_NAME } from "../formats/oci/types.ts";
import { isBuildTag, reservedTag } from "../model/tags.ts";
import { isTag } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";

/**
 * What an export says of itself, in the `index.json` of its OCI layout (image-spec 1.1, image-layout.md). Each root
 * carries the target that it belongs to. One with a name is a tag of it, `node:22`, or a tag beside it, as cosign's
 * `node:sha256-….sig` are; one without a name is attached to it, which its manifest's `subject` says once more.
 */
const TARGET = "birdhouse.target";

/** A tag that is not of an image, but named after one: where cosign keeps signatures. */
export interface TagBeside {
  readonly tag: string;
  readonly manifest: Descriptor;
}

/** One image of an export, and all that goes with it. */
export interface ExportedImage {
  /** `node:22-dev`. */
  readonly target: string;
  readonly image: Descriptor;
  /** All that point at it, its own among them. */
  readonly tags: readonly string[];
  /** SBOMs, provenance and whatever else says that it is about the image, or one platform of it. */
  readonly attached: readonly Descriptor[];
  readonly beside: readonly TagBeside[];
}

/** All that goes with an image, itself first. */
export function contentOf({ image, attached, beside }: ExportedImage): Descriptor[] {
  return [image, ...attached, ...beside.map(({ manifest }) => manifest)];
}

/** `node` of `node:22-dev`. */
function imageOf(target: string): string {
  return target.slice(0, target.indexOf(":"));
}

/** The roots of a layout of these images. Pure. */
export function rootsOf(images: readonly ExportedImage[]): Descriptor[] {
  return images.flatMap(({ target, image, tags, attached, beside }) => {
    const named = (tag: string, root: Descriptor): Descriptor => ({
      ...bare(root),
      annotations: { [REF_NAME]: `${imageOf(target)}:${tag}`, [TARGET]: target },
    });
    return [
      ...tags.map((tag) => named(tag, image)),
      ...beside.map(({ tag, manifest }) => named(tag, manifest)),
      ...attached.map((one) => ({ ...one, annotations: { ...one.annotations, [TARGET]: target } })),
    ];
  });
}

/**
 * The images of a layout, from its roots. Pure.
 * @param place the layout as it was named, for errors
 * @throws UserError where the layout is not an export, or not one that can be true
 */
export function imagesIn(roots: readonly Descriptor[], place: string): ExportedImage[] {
  const byTarget = groupBy(roots, (root) => {
    const target = root.annotations?.[TARGET];
    if (target !== undefined && !TARGET_NAME.test(target)) {
      throw notOurs(place, `${JSON.stringify(target)} is not the name of a target`);
    }
    if (target === undefined) {
      throw notOurs(place, `${root.annotations?.[REF_NAME] ?? root.digest} does not say which target it is`);
    }
    return target;
  });
  if (byTarget.size === 0) throw notOurs(place, "it holds no images");
  return [...byTarget].map(([target, own]) => imageIn(target, own, place));
}

function imageIn(target: string, roots: readonly Descriptor[], place: string): ExportedImage {
  const tagged = roots.flatMap((root) => {
    const name = root.annotations?.[REF_NAME];
    return name === undefined ? [] : [{ tag: tagIn(name, target, place), manifest: bare(root) }];
  });
  const isBeside = ({ tag }: TagBeside) => tag.startsWith("sha256-");
  const tags = tagged.filter((one) => !isBeside(one));
  const own = tags.find(({ tag }) => `${imageOf(target)}:${tag}` === target);
  if (!own) throw notOurs(place, `it holds no ${target}`);
  const other = tags.find(({ manifest }) => !isDeepStrictEqual(manifest, own.manifest));
  if (other) throw notOurs(place, `${imageOf(target)}:${other.tag} is not the same image as ${target}`);
  return {
    target,
    image: own.manifest,
    tags: tags.map(({ tag }) => tag),
    attached: roots
      .filter(({ annotations }) => annotations?.[REF_NAME] === undefined)
      .map((one) => asListed(one)),
    beside: tagged.filter((one) => isBeside(one)),
  };
}

function tagIn(name: string, target: string, place: string): string {
  const prefix = `${imageOf(target)}:`;
  const tag = name.slice(prefix.length);
  if (!name.startsWith(prefix) || !isTag(tag)) {
    throw notOurs(place, `${JSON.stringify(name)} is not a tag of ${target}`);
  }
  // A history, for one, is written where the image arrives: it is of the tag there.
  const because = isBuildTag(tag) || BESIDE.test(tag) ? undefined : reservedTag(tag);
  if (because !== undefined) throw notOurs(place, `${name} is not a tag of ${target}: ${because}`);
  return tag;
}

/** As the catalog names targets. */
const TARGET_NAME = /^[a-z0-9][a-z0-9._-]*:[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** cosign's: a digest, and what it keeps of it (`sig`, `att`, `sbom`). A list of referrers is made anew on arrival. */
const BESIDE = /^sha256-[0-9a-f]{64}\.[\w.-]+$/;

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** As the list had it that it was taken from. */
function asListed({ annotations: { [TARGET]: _, ...annotations } = {}, ...root }: Descriptor): Descriptor {
  return { ...root, ...(Object.keys(annotations).length > 0 && { annotations }) };
}

/** The error for what `export` has not written. */
export function notOurs(place: string, why: string): UserError {
  return new UserError(
    `${place} is not a Birdhouse export: ${why}`,
    "import reads what export wrote; use skopeo to copy other images",
  );
}
