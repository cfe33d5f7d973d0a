import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INSTALLED_PATH, parseInstalled } from "../../../scripts/formats/alpine/installed.ts";
import { readLayer } from "../../../scripts/formats/oci/filesystem.ts";
import {
  imageIndexSchema,
  isIndexType,
  manifestSchema,
  parseDocument,
} from "../../../scripts/formats/oci/types.ts";
import type { Registry } from "../../../scripts/registry/client.ts";

/** The second is where /usr is merged. */
const DATABASES = [INSTALLED_PATH, `usr/${INSTALLED_PATH}`];

/**
 * The version of a package in a published image.
 * @returns undefined when the image has no such package
 * @throws as `packagesIn`
 */
export async function installedIn(
  registry: Registry,
  repository: string,
  reference: string,
  name: string,
): Promise<string | undefined> {
  return (await packagesIn(registry, repository, reference)).get(name);
}

/**
 * The versions of all packages in a published image, by the image's own database and not by what is said of it.
 * @throws Error when there is no such image, or no database in it
 */
export async function packagesIn(
  registry: Registry,
  repository: string,
  reference: string,
): Promise<Map<string, string>> {
  const { layers } = await manifestOf(registry, repository, reference);
  // The uppermost layer that has the database has it whole; below is a base image that need not be read.
  for (const layer of layers.toReversed()) {
    const bytes = await registry.getBlob(repository, layer);
    const text = bytes && (await databaseIn(bytes, layer.mediaType));
    if (text !== undefined) {
      return new Map(parseInstalled(text).map(({ name, version }) => [name, version]));
    }
  }
  throw new Error(`${repository}:${reference} has no ${INSTALLED_PATH}`);
}

async function manifestOf(registry: Registry, repository: string, reference: string) {
  const found = await registry.getManifest(repository, reference);
  if (!found) throw new Error(`there is no ${repository}:${reference}`);
  if (!isIndexType(found.mediaType)) return parseDocument(manifestSchema, found.bytes, reference);
  const [first] = parseDocument(imageIndexSchema, found.bytes, reference).manifests;
  const manifest = first && (await registry.getManifest(repository, first.digest));
  if (!manifest) throw new Error(`${repository}:${reference} is empty`);
  return parseDocument(manifestSchema, manifest.bytes, reference);
}

async function databaseIn(layer: Buffer, mediaType: string): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-layer-"));
  try {
    const file = join(directory, "layer");
    await writeFile(file, layer);
    const { entries } = await readLayer(file, mediaType, new Set(DATABASES));
    const entry = DATABASES.map((path) => entries.get(path)).find((found) => found !== undefined);
    return entry?.type === "file" ? entry.content?.toString("utf8") : undefined;
  } finally {
    await rm(directory, { recursive: true });
  }
}
