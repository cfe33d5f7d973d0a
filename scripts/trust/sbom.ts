import { isoTime } from "../formats/oci/assemble.ts";
import {
  distributionOf,
  imageUrl,
  isExpression,
  needsOf,
  packageUrl,
  type SbomSubject,
  sha1Of,
  uuidOf,
} from "../formats/sbom/subject.ts";

/** Of the document, for who looks for it among what is attached. Source: cyclonedx.org, "Media Types" */
export const SBOM_MEDIA_TYPE = "application/vnd.cyclonedx+json";

/** How trivy names what it wants to know of a package and of the operating system. Source: trivy, pkg/sbom/core/bom.go */
const TRIVY = "aquasecurity:trivy:";

/**
 * What an image holds, in CycloneDX 1.6: every package of its own database with licence, origin and what it needs, and
 * all that the NTIA wants of such a list: who supplies each, who made the list, with what and when. The time is the
 * image's, so that the list is the same for the same image, to the byte.
 * @param registry where it is published, `ghcr.io/birdhouse`
 */
export async function sbomDocument(subject: SbomSubject, registry: string): Promise<string> {
  // Loaded here only: most commands make none.
  const { Enums, Models, Serialize, Spec, SPDX } = await import("../formats/sbom/cyclonedx.ts");
  const { name, digest, branch, time, tool, installed } = subject;
  const { id, supplier } = distributionOf(installed);
  const property = (key: string, value: string) => new Models.Property(TRIVY + key, value);
  const bom = new Models.Bom({ serialNumber: `urn:uuid:${uuidOf(digest)}` });
  const { metadata } = bom;
  metadata.timestamp = new Date(isoTime(time));
  metadata.authors.add(new Models.OrganizationalContact({ name: "Birdhouse" }));
  metadata.supplier = new Models.OrganizationalEntity({ name: "Birdhouse" });
  const birdhouse = { version: tool, bomRef: `birdhouse@${tool}` };
  metadata.tools.components.add(
    new Models.Component(Enums.ComponentType.Application, "birdhouse", birdhouse),
  );
  const container = { bomRef: digest, version: digest, purl: imageUrl(subject, registry) };
  metadata.component = new Models.Component(Enums.ComponentType.Container, name, container);
  metadata.component.hashes.set(Enums.HashAlgorithm["SHA-256"], digest.replace("sha256:", ""));
  const components = new Map(
    installed.map((item) => {
      const url = packageUrl(subject, item);
      const { version, description } = item;
      const library = { bomRef: url, version, purl: url, description };
      const component = new Models.Component(Enums.ComponentType.Library, item.name, library);
      component.supplier = new Models.OrganizationalEntity({ name: supplier });
      if (item.maintainer !== "") component.author = item.maintainer;
      const license = item.license.trim();
      if (SPDX.isSupportedSpdxId(license)) component.licenses.add(new Models.SpdxLicense(license));
      else if (isExpression(license, SPDX.isSupportedSpdxId))
        component.licenses.add(new Models.LicenseExpression(license));
      else if (license !== "") component.licenses.add(new Models.NamedLicense(license));
      const sha1 = sha1Of(item);
      if (sha1 !== undefined) component.hashes.set(Enums.HashAlgorithm["SHA-1"], sha1);
      component.properties.add(new Models.Property("apk:checksum", item.checksum));
      component.properties.add(property("PkgType", id));
      component.properties.add(property("SrcName", item.origin));
      component.properties.add(property("SrcVersion", version));
      return [item.name, component] as const;
    }),
  );
  for (const [own, others] of needsOf(installed)) {
    for (const other of others) {
      const needed = components.get(other);
      if (needed) components.get(own)?.dependencies.add(needed.bomRef);
    }
  }
  for (const component of components.values()) {
    bom.components.add(component);
    metadata.component.dependencies.add(component.bomRef);
  }
  const system = new Models.Component(Enums.ComponentType.OperatingSystem, id, {
    bomRef: `${id}-${branch}`,
    version: branch,
  });
  system.properties.add(property("Class", "os-pkgs"));
  system.properties.add(property("Type", id));
  bom.components.add(system);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}
