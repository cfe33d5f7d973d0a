import type { Package } from "../../model/package.ts";
import { isoTime } from "../oci/assemble.ts";
import { canonicalJson } from "../oci/digest.ts";
import {
  distributionOf,
  imageUrl,
  isExpression,
  needsOf,
  packageUrl,
  type SbomSubject,
  sha1Of,
  uuidOf,
} from "./subject.ts";

/** Of the document. Source: IANA's registry of media types */
export const SPDX_MEDIA_TYPE = "application/spdx+json";
/** What in-toto calls it. Source: in-toto/attestation, spec/predicates/spdx.md */
export const SPDX_PREDICATE = "https://spdx.dev/Document";

const DOCUMENT = "SPDXRef-DOCUMENT";
const IMAGE = "SPDXRef-Image";
const UNKNOWN = "NOASSERTION";

/**
 * What an image holds, in SPDX 2.3, which Docker's tools read. The same for the same image, to the byte.
 * Source: spdx.github.io/spdx-spec/v2.3
 * @param registry see `imageUrl`
 */
export async function spdxDocument(subject: SbomSubject, registry?: string): Promise<string> {
  // Loaded here only: most commands make none.
  const { SPDX } = await import("./cyclonedx.ts");
  const { name, digest, time, tool, installed } = subject;
  const ids = new Map(installed.map((item) => [item.name, idOf(item)]));
  const relation = (from: string, relationshipType: string, to: string) => ({
    ...{ spdxElementId: from, relationshipType, relatedSpdxElement: to },
  });
  const needs = [...needsOf(installed)].flatMap(([own, others]) =>
    [...others].sort().map((other) => relation(ids.get(own) ?? "", "DEPENDS_ON", ids.get(other) ?? "")),
  );
  return canonicalJson({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: DOCUMENT,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name.replace(":", "-")}-${uuidOf(digest)}`,
    creationInfo: {
      created: isoTime(time),
      creators: [`Tool: birdhouse-${tool}`, "Organization: Birdhouse"],
    },
    packages: [
      {
        ...{ SPDXID: IMAGE, name, versionInfo: digest, primaryPackagePurpose: "CONTAINER" },
        ...{ downloadLocation: UNKNOWN, filesAnalyzed: false, supplier: "Organization: Birdhouse" },
        checksums: [{ algorithm: "SHA256", checksumValue: digest.replace("sha256:", "") }],
        externalRefs: [purl(imageUrl(subject, registry))],
      },
      ...installed.map((item) => packageOf(subject, item, (id) => SPDX.isSupportedSpdxId(id))),
    ],
    relationships: [
      relation(DOCUMENT, "DESCRIBES", IMAGE),
      ...installed.map((item) => relation(IMAGE, "CONTAINS", idOf(item))),
      ...needs,
    ],
  });
}

function packageOf(subject: SbomSubject, item: Package, isKnown: (id: string) => boolean) {
  const { name, version, description, url, license, origin } = item;
  const sha1 = sha1Of(item);
  const maintainer = personOf(item.maintainer);
  return {
    ...{ SPDXID: idOf(item), name, versionInfo: version, downloadLocation: UNKNOWN, filesAnalyzed: false },
    supplier: `Organization: ${distributionOf(subject.installed).supplier}`,
    ...(maintainer && { originator: `Person: ${maintainer}` }),
    ...(description !== "" && { summary: description }),
    ...(/^https?:\/\//.test(url) && { homepage: url }),
    licenseConcluded: UNKNOWN,
    licenseDeclared: isExpression(license.trim(), isKnown) ? license.trim() : UNKNOWN,
    copyrightText: UNKNOWN,
    // As trivy writes and reads it.
    sourceInfo: `built package from: ${origin} ${version}`,
    ...(sha1 !== undefined && { checksums: [{ algorithm: "SHA1", checksumValue: sha1 }] }),
    externalRefs: [purl(packageUrl(subject, item))],
  };
}

/** Letters, digits, dots and dashes: what an identifier may have. */
function idOf({ name }: Pick<Package, "name">): string {
  return `SPDXRef-Package-${name.replace(/[^A-Za-z0-9.-]/g, (sign) => `-${sign.charCodeAt(0).toString(16)}-`)}`;
}

function purl(referenceLocator: string) {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}

/** `Name <address>` as SPDX has persons, `Name (address)`; undefined where nobody is named. Pure. */
function personOf(text: string): string | undefined {
  const [, before = "", address] = /^([^<>]*)(?:<([^<>]+)>\s*)?$/.exec(text) ?? [];
  const name = before.trim();
  if (name === "") return undefined;
  return address === undefined ? name : `${name} (${address})`;
}
