import type { Built, BuiltPlatform } from "../build/built.ts";
import { canonicalJson } from "../formats/oci/digest.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { distributionOf, uuidOf } from "../formats/sbom/subject.ts";
import type { LetThrough } from "../model/gate.ts";
import type { Package } from "../model/package.ts";
import { apkArchitecture, PLATFORMS } from "../model/platform.ts";
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
  const image = { image: target.image, registry };
  const statements = own.map((one) => {
    const part = packagePurl(one, distribution);
    return {
      vulnerability: { name: one.id, ...(one.aliases.length > 0 && { aliases: [...one.aliases] }) },
      products: [
        product(imagePurl({ ...image, digest: manifest.digest }), part),
        productOfWhole({ ...image, digest: index.digest }, part, platform),
      ],
      ...standingOf(one),
    };
  });
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

function product(id: string, part: string) {
  return { "@id": id, subcomponents: [{ "@id": part }] };
}

/**
 * This platform by the digest of the whole, which is what a scanner knows of an image that it pulled by its tag. trivy knows
 * the architecture of the image as well, and grype only that of a package, and only of one of Alpine's. Every qualifier that
 * stands here must be known to the scanner, or it takes the statement for one about something else.
 * Source: openvex/go-vex, `PurlMatches`; anchore/grype, grype/vex/openvex; aquasecurity/trivy, pkg/purl
 */
function productOfWhole(image: Omit<ImageName, "arch">, part: string, platform: string) {
  const machine = PLATFORMS.find((one) => one === platform);
  if (machine && part.startsWith("pkg:apk/"))
    return product(imagePurl(image), `${part}?arch=${apkArchitecture(machine)}`);
  return product(imagePurl({ ...image, arch: platform.split("/")[1] ?? platform }), part);
}

interface ImageName {
  readonly image: string;
  readonly digest: string;
  readonly registry: string;
  readonly arch?: string;
}

/** Source: package-url/purl-spec, types/oci. The colon of a digest stands as it is. */
function imagePurl({ image, digest, registry, arch }: ImageName): string {
  const name = image.split("/").at(-1) ?? image;
  const place = `repository_url=${encodeURIComponent(`${registry}/${image}`)}`;
  return `pkg:oci/${name}@${digest}?${arch === undefined ? "" : `arch=${arch}&`}${place}`;
}

/** Without qualifiers: scanners differ in those, and what is left out matches any. */
function packagePurl(one: LetThrough, distribution: string): string {
  const { package: of, version, isAlpine, purl } = one;
  const [name, exact] = [of, version].map((word) => encodeURIComponent(word));
  if (isAlpine) return `pkg:apk/${distribution}/${name}@${exact}`;
  // Of which kind a library is, the scanner alone knows.
  return purl?.replace(/[?#].*$/s, "") ?? `pkg:generic/${name}@${exact}`;
}
