import { z } from "zod";
import type { Descriptor } from "../formats/oci/types.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import { detach, manifestOf, readAttachment, referrersOf } from "../registry/referrers.ts";
import { UserError } from "../system/errors.ts";
import { tryJson } from "../system/json.ts";

/**
 * The bundles by which cosign 3 signs: each is attached to the image, with what it says and by whom.
 * Source: sigstore/cosign, specs/BUNDLE_SPEC.md; sigstore/protobuf-specs, sigstore_bundle.proto
 */
interface Bundle {
  /** What kind of statement it is, where it says so: that of a signature is `SIGNATURE`. */
  readonly predicateType: string | undefined;
}

const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle\b/;
const PREDICATE_TYPE = "dev.sigstore.bundle.predicateType";
const SIGNATURE = "https://sigstore.dev/cosign/sign/v1";

/** Whether a signature is attached to a digest. Whose it is, and whether it is good, cosign tells. @throws RegistryError */
export async function hasSignatureBundle(
  place: RepositoryPlace,
  listed: readonly Descriptor[],
): Promise<boolean> {
  for (const one of listed) {
    const bundle = await bundleOf(place, one);
    if (bundle && (bundle.predicateType ?? SIGNATURE) === SIGNATURE) return true;
  }
  return false;
}

/**
 * Takes back statements of ours that are true no longer. Those of others stay, and so does what a registry does not delete:
 * whoever reads several takes the newest.
 * @param payloads of the statements, as cosign gave them once it had verified whose they are
 * @throws RegistryError
 */
export async function takeBack(
  place: RepositoryPlace,
  digest: string,
  predicateType: string,
  payloads: readonly string[],
): Promise<void> {
  if (payloads.length === 0) return;
  for (const one of await referrersOf(place, digest)) {
    const bundle = await bundleOf(place, one);
    if (bundle?.predicateType !== predicateType || !payloads.includes((await payloadOf(place, one)) ?? ""))
      continue;
    try {
      await detach(place, digest, one);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
}

/** What is listed, if it is a bundle. Anybody may attach anything: what is no manifest as it should be is none. */
async function bundleOf(place: RepositoryPlace, listed: Descriptor): Promise<Bundle | undefined> {
  const { artifactType = "", annotations } = listed;
  if (!BUNDLE.test(artifactType)) return undefined;
  if (annotations) return { predicateType: annotations[PREDICATE_TYPE] };
  const manifest = await manifestOf(place, listed);
  return BUNDLE.test(manifest?.artifactType ?? "")
    ? { predicateType: manifest?.annotations?.[PREDICATE_TYPE] }
    : undefined;
}

const bundleSchema = z.looseObject({ dsseEnvelope: z.looseObject({ payload: z.base64() }) });

/** What a bundle says, in base64; undefined where it is gone, or is none, as anybody may list anything as one. */
async function payloadOf(place: RepositoryPlace, listed: Descriptor): Promise<string | undefined> {
  const text = await readAttachment(place, listed).catch((error: unknown) => {
    if (error instanceof RegistryError) throw error;
    return undefined;
  });
  return bundleSchema.safeParse(tryJson(text ?? "")).data?.dsseEnvelope.payload;
}
