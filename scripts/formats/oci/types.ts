import { z } from "zod";
import { isDigest } from "./digest.ts";

/**
 * The documents of an OCI image, checked where they come in (image-spec 1.1: descriptor.md, manifest.md,
 * image-index.md, config.md). Unknown fields are kept, as the specification asks.
 */

/** The media types we write, and those of Docker that we also read. */
export const MEDIA_TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layerTar: "application/vnd.oci.image.layer.v1.tar",
  layerTarGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerTarZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

/** The annotation by which a layout's `index.json` names its images. */
export const REF_NAME = "org.opencontainers.image.ref.name";

const digest = z.string().refine(isDigest, "expected sha256: and 64 hexadecimal digits");

const annotations = z.record(z.string(), z.string());

const platformSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().exactOptional(),
});

/** Points at content by its digest; `size` is in bytes. */
export const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.int().nonnegative(),
  annotations: annotations.exactOptional(),
  platform: platformSchema.exactOptional(),
  artifactType: z.string().exactOptional(),
});

/** What manifests and indexes have in common. */
const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().exactOptional(),
  artifactType: z.string().exactOptional(),
  subject: descriptorSchema.exactOptional(),
  annotations: annotations.exactOptional(),
};

/** One image for one platform: its configuration and its layers, lowest first. */
export const manifestSchema = z.looseObject({
  ...common,
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});

/** Several manifests under one digest. A layout's `index.json` has the same form. */
export const imageIndexSchema = z.looseObject({ ...common, manifests: z.array(descriptorSchema) });

const commandSchema = z.array(z.string()).nullish();

/** What an image runs, on which platform, and the digests of its layers before compression. */
export const imageConfigSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  created: z.string().exactOptional(),
  config: z
    .looseObject({
      User: z.string().exactOptional(),
      Env: z.array(z.string()).nullish(),
      Entrypoint: commandSchema,
      Cmd: commandSchema,
      WorkingDir: z.string().exactOptional(),
      Labels: annotations.nullish(),
    })
    .exactOptional(),
  rootfs: z.looseObject({ type: z.literal("layers"), diff_ids: z.array(digest) }),
  history: z.array(z.looseObject({})).exactOptional(),
});

export type OciPlatform = z.infer<typeof platformSchema>;
export type Descriptor = z.infer<typeof descriptorSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type ImageIndex = z.infer<typeof imageIndexSchema>;
export type ImageConfig = z.infer<typeof imageConfigSchema>;

/** Whether the media type is an index's (OCI's, or Docker's manifest list). */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.index || mediaType === MEDIA_TYPE.dockerManifestList;
}

/** Whether the media type is a manifest's: one image, OCI's or Docker's. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.manifest || mediaType === MEDIA_TYPE.dockerManifest;
}

/** Bytes to download for an image: its layers as they travel, compressed. The configuration is not counted. */
export function compressedSize(manifest: Manifest): number {
  return manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
}

/**
 * Reads a JSON document.
 * @param where names the source in the error message
 * @throws Error when it is not JSON, or not of the expected form
 */
export function parseDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new Error(`${where} is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`${where} is not as expected:\n${firstProblems(parsed.error)}`);
  return parsed.data;
}

/** How many problems of a document are told: one mistake may be in each of ten thousand items. */
const TOLD = 5;

function firstProblems({ issues }: z.ZodError): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, TOLD)));
}
