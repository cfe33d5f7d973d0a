import { type Built, type BuiltPlatform, sizesOf } from "../build/built.ts";
import { sizesAnnotations } from "../formats/annotations.ts";
import { isoTime } from "../formats/oci/assemble.ts";
import { attestedBy, isAttestation } from "../formats/oci/attestation.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import { licenseExpression } from "../formats/standard-annotations.ts";
import { newestBuild } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import { halfTag } from "../model/tags.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { type BlobLocations, indexContent, pushContent, putTag } from "../registry/push.ts";
import { UserError } from "../system/errors.ts";

/**
 * What one machine made of an image: an index of the one platform that it is for, under a tag of its own beside the
 * image's, `22.half-arm64`. By it the machines of a run find each other, and no registry removes what a tag points at.
 * Nobody pulls it; what it says of the image is what one machine knows.
 */

/** The run that it is of. */
const RUN = "birdhouse.half.run";
/** The base image that it was built in, also where it does not start from it. */
const BUILT_IN = "birdhouse.half.base";

/** Which part of each image a machine makes. */
export interface HalfRequest {
  readonly platform: Platform;
  /** Names the run, the same on all its machines. */
  readonly run: string;
}

/** A half that was found. */
export interface Half {
  readonly digest: string;
  readonly run: string | undefined;
  /** Digest of the base image that it was built in. */
  readonly base: string | undefined;
  /** What the image says of itself, as far as this machine knew. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The image of the platform, and what is said about it. */
  readonly manifests: readonly Descriptor[];
}

/**
 * Sends what this machine made of an image that has passed its tests, and puts the half's tag there: no other moves.
 * Does nothing where the image does not have the platform.
 * @throws RegistryError
 */
export async function pushHalf(
  { target, layout: directory, index, platforms, base }: Built,
  { platform, run }: HalfRequest,
  { registry, repository, signal }: RepositoryPlace,
  blobLocations: BlobLocations,
): Promise<void> {
  const own = platforms.find((one) => one.platform === platform)?.manifest.digest;
  if (own === undefined) return;
  const layout = await OciLayout.open(directory);
  const { annotations, manifests } = await layout.readImageIndex(index);
  const parts = manifests.filter((one) => one.digest === own || attestedBy(one) === own);
  for (const one of parts) {
    await pushContent(layout, one, registry, repository, { blobLocations, signal });
  }
  const said = { ...annotations, [RUN]: run, ...(base !== undefined && { [BUILT_IN]: base }) };
  const content = indexContent({ manifests: parts, annotations: said });
  await putTag(registry, repository, halfTagOf(target, platform), content, { signal });
}

/**
 * Reads what some machine made last of a platform of an image.
 * @returns undefined where there is none, or what has its tag is none
 * @throws RegistryError
 */
export async function findHalf(
  { registry, repository, signal }: RepositoryPlace,
  target: Target,
  platform: Platform,
): Promise<Half | undefined> {
  const tag = halfTagOf(target, platform);
  const found = await registry.getManifest(repository, tag, { signal });
  if (!found || !isIndexType(found.mediaType)) return undefined;
  const index = parseDocument(imageIndexSchema, found.bytes, `${repository}:${tag}`);
  const { [RUN]: run, [BUILT_IN]: base, ...annotations } = index.annotations ?? {};
  return { digest: found.digest, run, base, annotations, manifests: index.manifests };
}

/** The one image of a half. @throws Error where there is none, or more than one */
export function imageOfHalf({ digest, manifests }: Half): Descriptor {
  const [image, ...more] = manifests.filter((one) => !isAttestation(one));
  if (!image || more.length > 0) throw new Error(`${digest} is not of one platform`);
  return image;
}

function halfTagOf({ variant, version }: Target, platform: Platform): string {
  return halfTag(tagFor(variant, version), platform);
}

const CREATED = "org.opencontainers.image.created";
const LICENSES = "org.opencontainers.image.licenses";

/**
 * What an image says of itself, of which several machines made a platform each: the same as if one had made all of them.
 * @param platforms all that it holds
 * @throws UserError that names in what the halves differ, though it should be the same: they are of different plans
 */
export function joinedAnnotations(
  { labels }: Pick<Target, "labels">,
  halves: readonly Pick<Half, "annotations" | "base">[],
  platforms: readonly BuiltPlatform[],
): Record<string, string> {
  const installed = platforms.flatMap((one) => one.installed);
  const licenses = labels[LICENSES] ?? licenseExpression(installed.map(({ license }) => license));
  const computed: Record<string, string> = {
    [CREATED]: labels[CREATED] ?? isoTime(newestBuild(installed)),
    ...(licenses !== "" && { [LICENSES]: licenses }),
    ...sizesAnnotations(sizesOf(platforms)),
  };
  const [first, ...others] = halves.map(({ annotations, base }) => ({
    ...annotations,
    [BUILT_IN]: base ?? "",
  }));
  const said: Readonly<Record<string, string>> = first ?? {};
  const names = new Set([said, ...others].flatMap((one) => Object.keys(one)));
  const differing = [...names].filter(
    (name) =>
      !(name in computed) && others.some((one: Readonly<Record<string, string>>) => one[name] !== said[name]),
  );
  if (differing.length > 0) {
    const what = differing.map((name) => (name === BUILT_IN ? "the base image" : name));
    throw new UserError(
      `its machines did not work by one plan: what they made differs in ${what.join(", ")}`,
      "run all jobs again",
    );
  }
  const { [BUILT_IN]: _, ...same } = said;
  return { ...same, ...computed };
}
