import type { Platform } from "../alpine/platform.ts";
import type { ImageSizes } from "../build/sizes.ts";
import { platformsOf } from "../oci/image-index.ts";
import { imageIndexSchema, isIndexType, parseDocument } from "../oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { readBase, readInputs, readSizes } from "./annotations.ts";
import type { Inputs } from "./inputs.ts";

/** What the registry holds under a target's tag. */
export interface Published {
  readonly digest: string;
  /** Undefined when there is an image, but not one that tells what it was made from. */
  readonly inputs: Inputs | undefined;
  /** Undefined when it does not tell what it weighs. */
  readonly sizes?: ImageSizes | undefined;
  /** Those that its index has a manifest for; undefined where that was not read, or it is no index. */
  readonly platforms?: readonly Platform[] | undefined;
  /** Digest of the base image that it was built on; a runtime image starts from nothing. */
  readonly base?: string | undefined;
  /** When its tag was moved to it, where that was asked for. */
  readonly at?: Date | undefined;
}

/** Reads what a registry has under a tag. Undefined when there is no such tag. @throws RegistryError */
export async function readPublished(
  registry: Registry,
  repository: string,
  tag: string,
  signal?: AbortSignal,
): Promise<Published | undefined> {
  const manifest = await registry.getManifest(repository, tag, { signal });
  if (!manifest) return undefined;
  const { digest, bytes, mediaType } = manifest;
  if (!isIndexType(mediaType)) return { digest, inputs: undefined };
  const { annotations, manifests } = parseDocument(imageIndexSchema, bytes, `${repository}:${tag}`);
  return {
    digest,
    inputs: readInputs(annotations),
    sizes: readSizes(annotations),
    base: readBase(annotations),
    platforms: platformsOf(manifests),
  };
}
