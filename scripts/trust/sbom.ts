import { createHash } from "node:crypto";
import { parseDependencies, parseProvisions } from "../formats/alpine/dependency.ts";
import type { Package } from "../model/package.ts";

/** The image that a list of contents is about. */
export interface SbomSubject {
  /** `node:22` */
  readonly name: string;
  /** Of the platform's manifest. */
  readonly digest: string;
  /** `linux/amd64` */
  readonly platform: string;
  /** Of Alpine, such as `3.22`. */
  readonly branch: string;
  readonly installed: readonly Package[];
}

/** Of the document, for who looks for it among what is attached. Source: cyclonedx.org, "Media Types" */
export const SBOM_MEDIA_TYPE = "application/vnd.cyclonedx+json";

/**
 * What an image holds, in CycloneDX 1.6: every package of its own database with licence, origin and what it needs. The
 * same for the same image, to the byte, so it names no time.
 */
export async function sbomDocument(subject: SbomSubject): Promise<string> {
  // Loaded here only: most commands make none.
  const { Enums, Models, Serialize, Spec, SPDX } = await import("@cyclonedx/cyclonedx-library");
  const { PackageURL } = await import("packageurl-js");
  const { name, digest, platform, branch, installed } = subject;
  const distro = `alpine-${branch}`;
  const bom = new Models.Bom({ serialNumber: `urn:uuid:${uuidOf(digest)}` });
  const [image = "", tag = ""] = name.split(":");
  const purl = new PackageURL("oci", null, image, digest, { arch: platform, tag }).toString();
  const container = { bomRef: digest, version: digest, purl };
  bom.metadata.component = new Models.Component(Enums.ComponentType.Container, name, container);
  const components = new Map(
    installed.map((item) => {
      const qualifiers = { arch: item.architecture, distro, upstream: item.origin };
      const { version, description } = item;
      const url = new PackageURL("apk", "alpine", item.name, version, qualifiers).toString();
      const library = { bomRef: url, version, purl: url, description };
      const component = new Models.Component(Enums.ComponentType.Library, item.name, library);
      if (item.maintainer !== "") component.author = item.maintainer;
      const license = item.license.trim();
      if (SPDX.isSupportedSpdxId(license)) component.licenses.add(new Models.SpdxLicense(license));
      else if (isExpression(license, SPDX.isSupportedSpdxId))
        component.licenses.add(new Models.LicenseExpression(license));
      else if (license !== "") component.licenses.add(new Models.NamedLicense(license));
      component.properties.add(new Models.Property("apk:checksum", item.checksum));
      return [item.name, component] as const;
    }),
  );
  const givers = giversOf(installed);
  for (const { name: own, dependencies } of installed) {
    for (const { name: need } of parseDependencies(dependencies)) {
      const giver = givers.get(need);
      const other = giver === undefined || giver === own ? undefined : components.get(giver);
      if (other) components.get(own)?.dependencies.add(other.bomRef);
    }
  }
  for (const component of components.values()) {
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const system = { bomRef: distro, version: branch };
  bom.components.add(new Models.Component(Enums.ComponentType.OperatingSystem, "alpine", system));
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}

/** What packages need → the installed one that gives it: first of all the one of that name. */
function giversOf(installed: readonly Package[]): Map<string, string> {
  const givers = new Map<string, string>();
  for (const { name, provides } of installed) {
    for (const provision of parseProvisions(provides)) givers.set(provision.name, name);
  }
  for (const { name } of installed) givers.set(name, name);
  return givers;
}

/** Whether a licence is an SPDX expression of known licences, as most of Alpine's are. */
function isExpression(license: string, isKnown: (id: string) => boolean): boolean {
  const words = license.replace(/[()]/g, " ").trim().split(/\s+/);
  const operators = new Set(["AND", "OR", "WITH"]);
  const ids = words.filter((word, index) => !operators.has(word) && words[index - 1] !== "WITH");
  return words.length > 1 && ids.every((id) => isKnown(id) || isKnown(id.replace(/\+$/, "")));
}

/** A UUID that follows from a text, so that the same image has the same. Source: RFC 9562, version 8 */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  const versioned = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`;
  return versioned.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
