import type { OciLayout } from "./layout.ts";
import { type Descriptor, MEDIA_TYPE } from "./types.ts";

/**
 * Statements about an image that lie in its index, beside its platforms, as BuildKit puts them there: it is where `docker
 * buildx imagetools inspect` and Docker Scout look. They travel with every copy of the image, and its signature covers
 * them. Registries and engines take them for a manifest of the platform `unknown/unknown`, which no machine asks for.
 * Source: docs.docker.com/build/metadata/attestations/attestation-storage
 */
const REFERENCE_TYPE = "vnd.docker.reference.type";
const REFERENCE_DIGEST = "vnd.docker.reference.digest";
const ATTESTATION = "attestation-manifest";
/** The annotation that says of which kind a statement is. */
const PREDICATE_TYPE = "in-toto.io/predicate-type";
const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json";

/** A statement to be made. */
export interface Statement {
  readonly predicateType: string;
  /** JSON. */
  readonly predicate: string;
}

/** Whether what an index names is about one of its images, and none itself. */
export function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.[REFERENCE_TYPE] === ATTESTATION;
}

/** The digest of the image that such a manifest is about. */
export function attestedBy({ annotations }: Descriptor): string | undefined {
  return annotations?.[REFERENCE_DIGEST];
}

/**
 * Writes a statement about an image, and the manifest that holds it.
 * @param name what the image is called
 * @returns how an index names it
 */
export async function putAttestation(
  layout: OciLayout,
  image: Descriptor,
  name: string,
  { predicateType, predicate }: Statement,
): Promise<Descriptor> {
  const statement = {
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType,
    subject: [{ name, digest: { sha256: image.digest.replace("sha256:", "") } }],
    predicate: JSON.parse(predicate) as unknown,
  };
  const platform = { architecture: "unknown", os: "unknown" };
  const written = await layout.putJson(statement, STATEMENT_MEDIA_TYPE);
  const layer = { ...written, annotations: { [PREDICATE_TYPE]: predicateType } };
  const config = { ...platform, config: {}, rootfs: { type: "layers", diff_ids: [layer.digest] } };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await layout.putJson(config, MEDIA_TYPE.config),
    layers: [layer],
  };
  return {
    ...(await layout.putJson(manifest, MEDIA_TYPE.manifest)),
    platform,
    annotations: { [REFERENCE_DIGEST]: image.digest, [REFERENCE_TYPE]: ATTESTATION },
  };
}
