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
  const purl = new PackageURL("oci", null, name.replace(/:.*/, ""), digest, {
    arch: platform,
    tag: name.slice(name.lastIndexOf(":") + 1),
  });
  bom.metadata.component = new Models.Component(Enums.ComponentType.Container, name, {
    bomRef: digest,
    version: digest,
    purl: purl.toString(),
  });
  const components = new Map(
    installed.map((item) => {
      const qualifiers = { arch: item.architecture, distro, upstream: item.origin };
      const url = new PackageURL("apk", "alpine", item.name, item.version, qualifiers).toString();
      const component = new Models.Component(Enums.ComponentType.Library, item.name, {
        bomRef: url,
        version: item.version,
        purl: url,
        description: item.description,
      });
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
  for (const [of, needs] of needsOf(installed)) {
    const component = components.get(of);
    for (const need of needs) {
      const other = components.get(need);
      if (component && other) component.dependencies.add(other.bomRef);
    }
  }
  for (const component of components.values()) {
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const system = new Models.Component(Enums.ComponentType.OperatingSystem, "alpine", {
    bomRef: distro,
    version: branch,
  });
  bom.components.add(system);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}

/** Package → the installed ones that give what it needs. */
function needsOf(installed: readonly Package[]): Map<string, Set<string>> {
  const givers = new Map<string, string>();
  for (const { name, provides } of installed) {
    for (const provision of parseProvisions(provides)) givers.set(provision.name, name);
  }
  for (const { name } of installed) givers.set(name, name);
  return new Map(
    installed.map(({ name, dependencies }) => {
      const needs = parseDependencies(dependencies).flatMap(
        (dependency) => givers.get(dependency.name) ?? [],
      );
      return [name, new Set(needs.filter((need) => need !== name))];
    }),
  );
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
