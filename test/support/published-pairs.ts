import { z } from "zod";
import { isAttestation } from "../../scripts/formats/oci/attestation.ts";
import { imageIndexSchema, manifestSchema, parseDocument } from "../../scripts/formats/oci/types.ts";
import type { Registry } from "../../scripts/registry/client.ts";

const configSchema = z.looseObject({
  config: z.looseObject({ Env: z.array(z.string()).optional() }).optional(),
});

/**
 * What an environment variable is in the image that a tag points at.
 * @throws Error when anything that the image is made of is not in the registry
 */
export async function envOf(
  registry: Registry,
  repository: string,
  tag: string,
  name: string,
): Promise<string | undefined> {
  const index = await registry.getManifest(repository, tag);
  if (!index) return undefined;
  const values = new Set<string | undefined>();
  for (const part of parseDocument(imageIndexSchema, index.bytes, tag).manifests) {
    const { digest } = part;
    const manifest = await registry.getManifest(repository, digest);
    if (!manifest) throw new Error(`${tag} names ${digest}, which is not there`);
    const { config, layers } = parseDocument(manifestSchema, manifest.bytes, digest);
    for (const layer of layers) {
      if (!(await registry.blobExists(repository, layer.digest)))
        throw new Error(`${tag} lacks ${layer.digest}`);
    }
    if (isAttestation(part)) continue;
    const bytes = await registry.getBlob(repository, config);
    if (!bytes) throw new Error(`${tag} lacks its configuration ${config.digest}`);
    const { Env = [] } = parseDocument(configSchema, bytes, config.digest).config ?? {};
    values.add(Env.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1));
  }
  if (values.size !== 1) throw new Error(`${tag}: its platforms differ in ${name}`);
  return [...values][0];
}

/** A catalog of which every edition, by its number, republishes everything. */
export function editionOf(catalog: string, edition: number): string {
  return catalog.replaceAll("      cmd: [lua]\n", `      cmd: [lua]\n      env: { EDITION: "${edition}" }\n`);
}
