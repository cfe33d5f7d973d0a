import { join } from "node:path";
import { sbomSubjectOf } from "../build/build.ts";
import type { Built, BuiltPlatform } from "../build/built.ts";
import { readBase, readInputs } from "../formats/annotations.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { imageIndexSchema } from "../formats/oci/types.ts";
import { SPDX_MEDIA_TYPE, spdxDocument } from "../formats/sbom/spdx.ts";
import { distributionOf } from "../formats/sbom/subject.ts";
import type { Catalog } from "../model/target.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import type { BlobLocations } from "../registry/push.ts";
import { type Attachment, attach } from "../registry/referrers.ts";
import { VERSION } from "../system/environment.ts";
import {
  type Making,
  PREDICATE_TYPE,
  type Provenance,
  provenanceStatement,
  STATEMENT_MEDIA_TYPE,
  statementOf,
} from "../trust/provenance.ts";
import { SBOM_MEDIA_TYPE, sbomDocument } from "../trust/sbom.ts";
import { TEST_RESULT, testResultPredicate } from "../trust/test-result.ts";

/** The annotation that says of which kind a statement is. Source: in-toto's bundle of OCI artifacts */
export const PREDICATE = "in-toto.io/predicate-type";

/** The list of contents of one platform of an image. */
export function sbomOf(
  { target }: Built,
  platform: BuiltPlatform,
  { registry }: Pick<Catalog, "registry">,
): Promise<string> {
  return sbomDocument(sbomSubjectOf(target, platform), registry);
}

/** What an image was made of, by its own annotations. @throws Error where its layout is damaged */
export async function provenanceOf(
  built: Built,
  { sources }: Pick<Catalog, "sources">,
  making: Making,
): Promise<Provenance> {
  const { target, index, platforms } = built;
  const { annotations } = await (await OciLayout.open(built.layout)).readJson(index, imageIndexSchema);
  return {
    target: target.name,
    digest: index.digest,
    inputs: readInputs(annotations) ?? {},
    // A runtime image says of none that it starts from it, but was assembled in it.
    base: { reference: `${sources.base}:${target.branch}`, digest: built.base ?? readBase(annotations) },
    packages: sources.packages,
    version: VERSION,
    making,
    distribution: distributionOf(platforms.flatMap(({ installed }) => installed)).id,
    installed: Object.fromEntries(
      platforms.map(({ platform, installed }) => [
        platform,
        Object.fromEntries(installed.map(({ name, version }) => [name, version])),
      ]),
    ),
  };
}

async function documentOf(
  { manifest }: BuiltPlatform,
  mediaType: string,
  content: Promise<string>,
): Promise<Attachment> {
  return { subject: manifest, mediaType, content: await content };
}

/**
 * Attaches to an image that has arrived the SBOMs of each platform, and to the whole its provenance and that it has passed
 * its tests: nothing else arrives.
 * @returns the bytes that were sent
 * @throws RegistryError
 */
export async function attachAll(
  built: Built,
  catalog: Pick<Catalog, "sources" | "registry">,
  place: RepositoryPlace,
  blobLocations: BlobLocations,
  making: Making,
): Promise<number> {
  const layout = await OciLayout.create(join(built.layout, "attachments"));
  const sboms = built.platforms.flatMap((platform) => [
    documentOf(platform, SBOM_MEDIA_TYPE, sbomOf(built, platform, catalog)),
    documentOf(
      platform,
      SPDX_MEDIA_TYPE,
      spdxDocument(sbomSubjectOf(built.target, platform), catalog.registry),
    ),
  ]);
  const stated = (predicateType: string, content: string): Attachment => ({
    ...{ subject: built.index, mediaType: STATEMENT_MEDIA_TYPE, content },
    annotations: { [PREDICATE]: predicateType },
  });
  const provenance = provenanceStatement(await provenanceOf(built, catalog, making));
  const { target, index } = built;
  const result = statementOf(target.name, index.digest, TEST_RESULT, testResultPredicate(target));
  const statements = [stated(PREDICATE_TYPE, provenance), stated(TEST_RESULT, result)];
  let sent = 0;
  for (const one of [...(await Promise.all(sboms)), ...statements]) {
    sent += await attach(place, one, layout, blobLocations);
  }
  return sent;
}
