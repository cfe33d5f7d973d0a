import { imageIndexSchema, isIndexType, parseDocument } from "../oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { readInputs, readSizes } from "./annotations.ts";
import type { Published } from "./plan.ts";

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
  const { annotations } = parseDocument(imageIndexSchema, bytes, `${repository}:${tag}`);
  return { digest, inputs: readInputs(annotations), sizes: readSizes(annotations) };
}
