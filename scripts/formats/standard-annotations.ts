import type { Origin } from "../model/origin.ts";
import { isoTime } from "./oci/assemble.ts";

/**
 * What others read of an image: registries show it, GHCR links packages to their repository by it, Renovate finds
 * change logs. The same on an index, a manifest and as labels of a configuration, since each of them has its readers.
 * Source: OCI image specification 1.1, annotations.md, "Pre-Defined Annotation Keys".
 */
export interface AboutImage {
  /** `node:22` */
  readonly title: string;
  readonly description: string;
  /** Of what the image is about, such as `22.16.0`; only `1.26` where that itself is not in it. */
  readonly version: string;
  /** When it was made, in seconds since 1970. */
  readonly time: number;
  /** Of each of its packages. */
  readonly licenses: readonly string[];
  readonly origin: Origin;
  /** What it was built on, and its digest if known; a runtime image starts from nothing. */
  readonly base?: { readonly name: string; readonly digest: string | undefined } | undefined;
  /** The day from which nobody mends it any more. */
  readonly endOfLife?: string | undefined;
}

const PREFIX = "org.opencontainers.image.";

/** When the newest package in it was built. */
export const CREATED = `${PREFIX}created`;

/** The digest of the image that it starts from. */
export const BASE_DIGEST = `${PREFIX}base.digest`;

/**
 * From which day an artifact is no longer supported, `2027-05-01`. Also of the artifact that says so of another.
 * Source: learn.microsoft.com/azure/container-registry/container-registry-artifact-lifecycle; what .NET's images have
 */
export const END_OF_LIFE = "vnd.microsoft.artifact.lifecycle.end-of-life.date";

/** What an image tells of itself. Pure: equal images tell the same. */
export function standardAnnotations(about: AboutImage): Record<string, string> {
  const { title, description, version, time, licenses, origin, base, endOfLife } = about;
  const { url, revision } = origin;
  const entries: Readonly<Record<string, string | undefined>> = {
    title,
    description,
    version,
    created: isoTime(time),
    licenses: licenseExpression(licenses),
    source: url,
    url,
    documentation: url === undefined ? undefined : documentationOf(url, origin),
    revision,
    vendor: url === undefined ? undefined : new URL(url).pathname.split("/")[1],
    "base.name": base?.name,
    "base.digest": base?.digest,
  };
  const known = Object.entries(entries).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[PREFIX + key, value] as const],
  );
  return { ...Object.fromEntries(known), ...(endOfLife !== undefined && { [END_OF_LIFE]: endOfLife }) };
}

/** Where the image's README can be read: the forges that show files under known addresses do, others by the repository. */
function documentationOf(url: string, { revision = "HEAD", folder }: Origin): string {
  const { hostname } = new URL(url);
  if (folder === undefined) return url;
  if (hostname === "github.com") return `${url}/blob/${revision}/${folder}/README.md`;
  return hostname.includes("gitlab") ? `${url}/-/blob/${revision}/${folder}/README.md` : url;
}

/**
 * All licences as one SPDX expression, each once, in the order of their names. What cannot be part of one gets a name of
 * its own, `LicenseRef-custom`, as SPDX has it for what is not in its list.
 * Source: spdx.github.io/spdx-spec, annex "SPDX license expressions"
 */
export function licenseExpression(licenses: readonly string[]): string {
  const parts = licenses.flatMap((license) => (license.trim() === "" ? [] : [partOf(license.trim())]));
  const all = [...new Set(parts)].sort();
  return all.map((part) => (all.length > 1 && / (?:OR|AND) /.test(part) ? `(${part})` : part)).join(" AND ");
}

/** An identifier, or several with AND, OR and WITH between them. */
const EXPRESSION = /^\(*[\w.+-]+\)*(?: (?:AND|OR|WITH) \(*[\w.+-]+\)*)*$/;

function partOf(license: string): string {
  return EXPRESSION.test(license) && isBalanced(license) && license !== "custom"
    ? license
    : `LicenseRef-${license.replace(/[^\w.-]+/g, "-").replace(/^-+|-+$/g, "")}`;
}

function isBalanced(text: string): boolean {
  return text.split("(").length === text.split(")").length;
}
