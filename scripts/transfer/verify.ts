import { readInputs, readSizes } from "../formats/annotations.ts";
import { attestedBy, isAttestation } from "../formats/oci/attestation.ts";
import { digestOfFile, verifyFound } from "../formats/oci/digest.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import {
  type Descriptor,
  type ImageIndex,
  imageIndexSchema,
  isIndexType,
  isManifestType,
  manifestSchema,
  parseDocument,
} from "../formats/oci/types.ts";
import { isBuildTag } from "../model/tags.ts";
import { referrersTag } from "../registry/referrers.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { FileError, toFileError } from "../system/files/errors.ts";
import { contentOf, type ExportedImage, notOurs } from "./exported.ts";

/**
 * Reads all that a layout's images are made of, and holds it against its digests, before anything of it is used.
 * @param place the layout as it was named, for errors
 * @param elsewhere digests of blobs that need not be there
 * @throws UserError where something is missing or damaged, or an image is not one of Birdhouse's
 */
export async function verifyExport(
  layout: OciLayout,
  images: readonly ExportedImage[],
  place: string,
  signal: AbortSignal,
  elsewhere: ReadonlySet<string>,
): Promise<void> {
  const blobs = new Map<string, Descriptor>();
  for (const exported of images) {
    const { target, image } = exported;
    for (const root of contentOf(exported)) {
      const closure = await check(layout, place, () => layout.closure(root));
      for (const blob of closure.blobs) blobs.set(blob.digest, blob);
    }
    const index = isIndexType(image.mediaType) ? await layout.readImageIndex(image) : undefined;
    if (!readInputs(index?.annotations))
      throw notOurs(place, `${target} does not say what it was built from`);
  }
  for (const blob of blobs.values()) {
    if (elsewhere.has(blob.digest)) continue;
    const path = layout.blobPath(blob.digest);
    await check(layout, place, async () => verifyFound(await digestOfFile(path, signal), blob, path));
    signal.throwIfAborted();
  }
}

const MACHINE_FAILS: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO", "EMFILE", "ENFILE", "ENOMEM"]);

async function check<T>(layout: OciLayout, place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // It is this machine that fails, and not what was carried here.
    const told = toFileError(error, "read", place);
    if (told instanceof FileError && MACHINE_FAILS.has(told.code ?? "")) throw told;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT" && "path" in error;
    const why = isMissing ? `${String(error.path)} is missing` : messageOf(error);
    // With paths as the layout has them: where it was unpacked to says nothing to anybody.
    throw damaged(place, why.replaceAll(`${layout.directory}/`, ""));
  }
}

/** The error for an export that did not arrive as it was. */
export function damaged(place: string, why: string): UserError {
  return new UserError(`${place}: ${why}; nothing was sent`, "copy it again from where it was exported");
}

/**
 * What `index.json` claims of an image is held against what the image itself says. Digests show that each file is as it
 * was; which of them is which is said by `index.json` alone, and nothing vouches for that.
 */

/** Source: OCI image specification, annotations.md. */
const TITLE = "org.opencontainers.image.title";

/**
 * Holds the claims about one image against it: its title, its platforms, what is attached to it.
 * @param place the export as it was named, for errors
 * @throws UserError where they contradict each other
 */
export async function checkClaims(layout: OciLayout, image: ExportedImage, place: string): Promise<void> {
  const { target } = image;
  const refuse = (why: string) => notOurs(place, `${target}: ${why}`);
  const index = await layout.readImageIndex(image.image);
  const title = index.annotations?.[TITLE];
  if (title !== target) {
    throw refuse(`the image under this name says that it is ${JSON.stringify(title ?? "nothing")}`);
  }
  await checkPlatforms(layout, index, refuse).catch((error: unknown) => {
    throw error instanceof UserError ? error : refuse(messageOf(error));
  });
  const { digest } = image.image;
  // A build's tag names the one image that it ends in the digest of.
  const wrong = image.tags.find((tag) => {
    const [, digits = ""] = /-([0-9a-f]{12})(?:-dev|-debug)?$/.exec(tag) ?? [];
    return isBuildTag(tag) && !digest.startsWith(`sha256:${digits}`);
  });
  if (wrong !== undefined) throw refuse(`the tag ${wrong} belongs to another build, not to ${digest}`);
  await checkAttached(layout, image, index, refuse);
}

type Refuse = (why: string) => UserError;

/** An index lists a manifest for each platform; only the configuration says which one its files are of. */
async function checkPlatforms(layout: OciLayout, index: ImageIndex, refuse: Refuse): Promise<void> {
  const listed: string[] = [];
  const images = new Set(index.manifests.filter((one) => !isAttestation(one)).map(({ digest }) => digest));
  for (const part of index.manifests) {
    if (isAttestation(part)) {
      const about = attestedBy(part) ?? "nothing";
      if (images.has(about)) continue;
      throw refuse(`${part.digest} is a statement about ${about}, which is not part of it`);
    }
    const name = platformName(part.platform);
    if (!isManifestType(part.mediaType)) throw refuse(`${part.digest} is not an image of a platform`);
    const { architecture, os } = await layout.readConfig(await layout.readManifest(part));
    const own = platformName({ architecture, os });
    if (own !== name) throw refuse(`what is listed for ${name} is an image for ${own} (${part.digest})`);
    if (listed.includes(name)) throw refuse(`${name} is listed twice`);
    listed.push(name);
  }
  const { platforms: wanted } = readInputs(index.annotations) ?? {};
  const described = [...(readSizes(index.annotations)?.keys() ?? [])];
  for (const [what, names] of [
    ["it was made for", typeof wanted === "string" ? [wanted] : (wanted ?? listed)],
    ["it gives sizes for", described],
  ] as const) {
    if (names.toSorted().join() === listed.toSorted().join()) continue;
    throw refuse(`${what} ${names.join(", ")}, but holds ${listed.join(", ")}`);
  }
}

function platformName(platform: Descriptor["platform"]): string {
  return platform ? `${platform.os}/${platform.architecture}` : "no platform";
}

/** What is attached says what it is about; what is beside says it by its tag. */
async function checkAttached(
  layout: OciLayout,
  { attached, beside, image }: ExportedImage,
  index: ImageIndex,
  refuse: Refuse,
): Promise<void> {
  const subjects = new Set([image, ...index.manifests, ...attached].map(({ digest }) => digest));
  for (const one of attached) {
    const subject = await subjectOf(layout, one);
    if (subject !== undefined && subjects.has(subject.digest)) continue;
    throw refuse(`${one.digest} is attached to ${subject?.digest ?? "nothing"}, which is not part of it`);
  }
  const prefixes = [...subjects].map((digest) => `${referrersTag(digest)}.`);
  const wrong = beside.find(({ tag }) => !prefixes.some((prefix) => tag.startsWith(prefix)));
  if (wrong) throw refuse(`the tag ${wrong.tag} is about an image that is not part of it`);
}

/** What a manifest or an index says that it is about. @throws Error when it is no such document */
export async function subjectOf(layout: OciLayout, entry: Descriptor): Promise<Descriptor | undefined> {
  const schema = isIndexType(entry.mediaType) ? imageIndexSchema : manifestSchema;
  return parseDocument<{ subject?: Descriptor }>(schema, await layout.readBlob(entry), entry.digest).subject;
}
