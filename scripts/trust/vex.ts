import type { Built, BuiltPlatform } from "../build/built.ts";
import { canonicalJson } from "../formats/oci/digest.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { distributionOf, uuidOf } from "../formats/sbom/subject.ts";
import type { LetThrough } from "../model/gate.ts";
import type { Package } from "../model/package.ts";
import { VERSION } from "../system/environment.ts";

/** What in-toto calls such a predicate. Source: openvex/spec, ATTESTING.md; go-vex, `TypeURI` */
export const OPENVEX = "https://openvex.dev/ns";

const CONTEXT = "https://openvex.dev/ns/v0.2.0";

/** Of a document that is attached to an image. No authority has registered one; this is what others use. */
export const VEX_MEDIA_TYPE = "application/vnd.openvex+json";

/** Who speaks, and when. */
export interface VexSpeaker {
  /** `HOST/NAMESPACE`: where the image is published, and who says so. */
  readonly registry: string;
  readonly at: Date;
}

/** The platform that a document is about; whose packages are in it, any of them tells. */
interface VexPlatform extends Pick<BuiltPlatform, "manifest"> {
  readonly platform: string;
  readonly installed: readonly Pick<Package, "url">[];
}

/**
 * What a gate let through in one platform of an image, as an OpenVEX document: what does not touch the image with the
 * standard's justification, and what is borne for a while as what it is, affected. The same statements about the same image
 * have the same `@id`. Pure.
 * Source: openvex/spec, OPENVEX-SPEC.md 0.2.0
 * @returns undefined where nothing was let through: a document without statements is none
 */
export function vexDocument(
  { target, index }: { readonly target: Built["target"]; readonly index: Pick<Descriptor, "digest"> },
  { platform, manifest, installed }: VexPlatform,
  letThrough: readonly LetThrough[],
  { registry, at }: VexSpeaker,
): string | undefined {
  const own = letThrough.filter((one) => one.target === target.name && one.platform === platform);
  if (own.length === 0) return undefined;
  const { id: distribution } = distributionOf(installed);
  // A scanner knows what it pulled by the digest of the whole, which with the architecture is this platform again.
  const images = [manifest.digest, index.digest].map((digest) => {
    return imagePurl({ image: target.image, digest, platform, registry });
  });
  const statements = own.map((one) => ({
    vulnerability: { name: one.id, ...(one.aliases.length > 0 && { aliases: [...one.aliases] }) },
    products: images.map((id) => ({
      "@id": id,
      subcomponents: [{ "@id": packagePurl(one, distribution) }],
    })),
    ...standingOf(one),
  }));
  const document = {
    "@context": CONTEXT,
    "@id": `urn:uuid:${uuidOf(canonicalJson({ registry, statements }))}`,
    author: registry,
    timestamp: at.toISOString(),
    version: 1,
    tooling: `birdhouse ${VERSION}`,
    statements,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Either a justification or a statement of one's own is allowed, not both: the reason is a note beside the first. */
function standingOf({ exception }: LetThrough) {
  if (!exception)
    return { status: "affected", action_statement: "No exception of the catalog covers it any more." };
  const { status = "accepted", justification, reason, until } = exception;
  if (status === "not_affected") return { status, justification, status_notes: reason };
  return { status: "affected", action_statement: `Accepted until ${until}: ${reason}` };
}

/** Source: package-url/purl-spec, types/oci. The colon of a digest stands as it is. */
function imagePurl(one: { image: string; digest: string; platform: string; registry: string }): string {
  const { image, digest, platform, registry } = one;
  const name = image.split("/").at(-1) ?? image;
  const architecture = platform.split("/")[1] ?? platform;
  const place = encodeURIComponent(`${registry}/${image}`);
  return `pkg:oci/${name}@${digest}?arch=${architecture}&repository_url=${place}`;
}

/** Without qualifiers: scanners differ in those, and what is left out matches any. */
function packagePurl({ package: of, version, isAlpine }: LetThrough, distribution: string): string {
  const [name, exact] = [of, version].map((word) => encodeURIComponent(word));
  return isAlpine ? `pkg:apk/${distribution}/${name}@${exact}` : `pkg:generic/${name}@${exact}`;
}
