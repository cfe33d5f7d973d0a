import { createHash } from "node:crypto";
import type { Package } from "../../model/package.ts";
import { parseDependencies, parseProvisions } from "../alpine/dependency.ts";

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
  /** When the image was made, in seconds since 1970. The list has that time too, so that the same image has the same. */
  readonly time: number;
  /** Of the Birdhouse that makes the list. */
  readonly tool: string;
  readonly installed: readonly Package[];
}

/** Who made and distributes the packages of an image, and what scanners call that. */
export interface Distribution {
  /** In purls and as the name of the operating system: scanners look its vulnerabilities up by it. */
  readonly id: string;
  readonly supplier: string;
}

const ALPINE: Distribution = { id: "alpine", supplier: "Alpine Linux" };
/** Of the sandbox: its packages are Debian's builds, so Alpine's list of vulnerabilities says nothing of them. */
const DEBIAN: Distribution = { id: "debian", supplier: "Debian" };

/** Whose packages these are, by what they say of themselves. */
export function distributionOf(installed: readonly Pick<Package, "url">[]): Distribution {
  return installed.some(({ url }) => url === "https://www.debian.org/") ? DEBIAN : ALPINE;
}

/**
 * The purl of a package. `upstream` is its source package, by which its vulnerabilities are listed.
 * Source: package-url/purl-spec, types/apk; what syft and grype make of it
 */
export function packageUrl({ branch, installed }: SbomSubject, item: Package): string {
  const { id } = distributionOf(installed);
  const [name, version] = [item.name, item.version].map((word) => encodeURIComponent(word));
  const qualifiers = { arch: item.architecture, distro: `${id}-${branch}`, upstream: item.origin };
  const words = Object.entries(qualifiers).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `pkg:apk/${id}/${name}@${version}?${words.join("&")}`;
}

/**
 * The purl of the image.
 * @param registry where it is published, `ghcr.io/birdhouse`; left out of what travels inside the image, which is the
 *   same wherever that is
 */
export function imageUrl({ name, digest, platform }: SbomSubject, registry?: string): string {
  const [image = "", tag = ""] = name.split(":");
  const place =
    registry === undefined ? [] : [`repository_url=${encodeURIComponent(`${registry}/${image}`)}`];
  const words = [`arch=${encodeURIComponent(platform)}`, ...place, `tag=${encodeURIComponent(tag)}`];
  return `pkg:oci/${image}@${encodeURIComponent(digest)}?${words.join("&")}`;
}

/** The SHA-1 by which apk knows a package, in hexadecimal digits; undefined where it has another. */
export function sha1Of({ checksum }: Pick<Package, "checksum">): string | undefined {
  const hex = checksum.startsWith("Q1") ? Buffer.from(checksum.slice(2), "base64").toString("hex") : "";
  return hex.length === 40 ? hex : undefined;
}

/** Package → those of the others that it needs, as far as they are installed. */
export function needsOf(installed: readonly Package[]): Map<string, Set<string>> {
  const givers = giversOf(installed);
  const needs = new Map<string, Set<string>>();
  for (const { name, dependencies } of installed) {
    const others = parseDependencies(dependencies).flatMap((need) => givers.get(need.name) ?? []);
    needs.set(name, new Set(others.filter((other) => other !== name)));
  }
  return needs;
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
export function isExpression(license: string, isKnown: (id: string) => boolean): boolean {
  const words = license.replace(/[()]/g, " ").trim().split(/\s+/);
  const operators = new Set(["AND", "OR", "WITH"]);
  const ids = words.filter((word, index) => !operators.has(word) && words[index - 1] !== "WITH");
  return ids.every((id) => isKnown(id) || isKnown(id.replace(/\+$/, "")));
}

/** A UUID that follows from a text, so that the same image has the same. Source: RFC 9562, version 8 */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  const versioned = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`;
  return versioned.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
