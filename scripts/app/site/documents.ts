import { join } from "node:path";
import { isAttestation } from "../../formats/oci/attestation.ts";
import { readConfigFacts } from "../../formats/oci/config-facts.ts";
import {
  type Descriptor,
  imageIndexSchema,
  isIndexType,
  manifestSchema,
  parseDocument,
} from "../../formats/oci/types.ts";
import { readLicences } from "../../formats/sbom/licences.ts";
import { SPDX_MEDIA_TYPE } from "../../formats/sbom/spdx.ts";
import type { Target } from "../../model/target.ts";
import { PREDICATE } from "../../publish/attachments.ts";
import { newestVex } from "../../publish/vex.ts";
import type { RepositoryPlace } from "../../registry/client.ts";
import { readAttachment, referrersOf } from "../../registry/referrers.ts";
import type { SiteDocument, SiteManifest } from "../../report/site/site.ts";
import { PREDICATE_TYPE, STATEMENT_MEDIA_TYPE } from "../../trust/provenance.ts";
import { SBOM_MEDIA_TYPE } from "../../trust/sbom.ts";
import { TEST_RESULT } from "../../trust/test-result.ts";
import { type RegistryPlace, tagOf } from "../read-registry.ts";

/** Writes a file below the site's folder. */
export type Save = (path: string, text: string) => Promise<void>;

/** What one image's platforms are, what is attached to them and to it, and the licences that this tells. */
export interface Contents {
  readonly manifests: readonly SiteManifest[];
  readonly documents: readonly SiteDocument[];
  readonly licences: ReadonlyMap<string, string>;
}

/** What is offered for download, by media type and, for a statement, by its kind. */
const KINDS = [
  { title: "SBOM (CycloneDX)", file: "sbom.cdx.json", mediaType: SBOM_MEDIA_TYPE },
  { title: "SBOM (SPDX)", file: "sbom.spdx.json", mediaType: SPDX_MEDIA_TYPE },
  {
    title: "Provenance (SLSA)",
    file: "provenance.json",
    mediaType: STATEMENT_MEDIA_TYPE,
    predicate: PREDICATE_TYPE,
  },
  {
    title: "Test result",
    file: "test-result.json",
    mediaType: STATEMENT_MEDIA_TYPE,
    predicate: TEST_RESULT,
  },
  // Source: openvex/spec, OPENVEX-SPEC.md, "IANA Considerations"
  { title: "VEX (OpenVEX)", file: "vex.json", mediaType: "application/vnd.openvex+json" },
] as const;

type Kind = (typeof KINDS)[number];

/** The kind of a document by its list's entry; undefined of what is not offered, such as signatures. */
function kindOf({ artifactType, annotations }: Descriptor): Kind | undefined {
  const predicate = annotations?.[PREDICATE] ?? "";
  return KINDS.find(
    (kind) =>
      kind.mediaType === artifactType && (!("predicate" in kind) || predicate.includes(kind.predicate)),
  );
}

/**
 * Reads what the registry has of a published target beside its index, and saves its documents.
 * @param digest of what its tag points at
 * @throws RegistryError; Error where it is no image
 */
export async function readContentsOf(
  place: RegistryPlace,
  target: Target,
  digest: string,
  save: Save,
): Promise<Contents> {
  const { registry, signal } = place;
  const [repository, tag] = tagOf(place, target);
  const at: RepositoryPlace = { registry, repository, signal };
  const folder = join("documents", target.image, tag);
  const licences = new Map<string, string>();
  const keep = async (subject: string, name: string) =>
    (await documentsOf(at, subject, (kind) => join(folder, `${name}${kind.file}`), save)).map(
      ({ text, ...document }) => {
        for (const [one, licence] of readLicences(text)) licences.set(one, licence);
        return document;
      },
    );
  const manifests: SiteManifest[] = [];
  for (const one of await manifestsIn(at, digest)) {
    const { os = UNKNOWN, architecture = UNKNOWN } = one.platform ?? {};
    manifests.push({
      platform: `${os}/${architecture}`,
      digest: one.digest,
      config: await configOf(at, one.digest),
      // A name that a stranger chose makes no path.
      documents: await keep(one.digest, `${`${os}-${architecture}`.replace(/[^\w-]/g, "_")}.`),
    });
  }
  const isListed = manifests.some((one) => one.digest === digest);
  return { manifests, documents: isListed ? [] : await keep(digest, ""), licences };
}

const UNKNOWN = "unknown";

/** The manifests of an index; of an image without one its own. */
async function manifestsIn(at: RepositoryPlace, digest: string): Promise<readonly Descriptor[]> {
  const content = await at.registry.getManifest(at.repository, digest, { signal: at.signal });
  if (!content) return [];
  const { mediaType, bytes } = content;
  if (!isIndexType(mediaType)) return [{ mediaType, digest, size: bytes.length }];
  const { manifests } = parseDocument(imageIndexSchema, bytes, `${at.repository}@${digest}`);
  return manifests.filter((one) => !isAttestation(one));
}

async function configOf(at: RepositoryPlace, digest: string) {
  const { registry, repository, signal } = at;
  const content = await registry.getManifest(repository, digest, { signal });
  if (!content) return undefined;
  const { config } = parseDocument(manifestSchema, content.bytes, `${repository}@${digest}`);
  if (config.size > LARGEST_CONFIG) return undefined;
  const bytes = await registry.getBlob(repository, config, { signal });
  return bytes && readConfigFacts(bytes, `the configuration of ${repository}@${digest}`);
}

/** Bytes: a configuration of ours has some kB. */
const LARGEST_CONFIG = 4 * 1024 * 1024;

/** Of each kind the document that was attached last. */
async function documentsOf(
  at: RepositoryPlace,
  subject: string,
  pathOf: (kind: Kind) => string,
  save: Save,
): Promise<(SiteDocument & { text: string })[]> {
  const newest = new Map<Kind, Descriptor>();
  const attached = await referrersOf(at, subject);
  // Scans say anew what a build said: by their time, as lists have an order of their own.
  const vex = newestVex(attached);
  for (const listed of [...attached, ...(vex ? [vex] : [])]) {
    const kind = kindOf(listed);
    if (kind) newest.set(kind, listed);
  }
  const found: (SiteDocument & { text: string })[] = [];
  for (const [kind, listed] of newest) {
    const text = await readAttachment(at, listed);
    if (text === undefined) continue;
    const path = pathOf(kind);
    await save(path, text);
    found.push({ title: kind.title, path, bytes: Buffer.byteLength(text), text });
  }
  return found;
}
