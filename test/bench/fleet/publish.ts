import pLimit from "p-limit";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import {
  inputsAnnotation,
  sizesAnnotations,
  versionAnnotation,
} from "../../../scripts/formats/annotations.ts";
import { assembleIndex } from "../../../scripts/formats/oci/assemble.ts";
import type { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import type { Descriptor } from "../../../scripts/formats/oci/types.ts";
import { BASE_DIGEST } from "../../../scripts/formats/standard-annotations.ts";
import { inputsOf } from "../../../scripts/model/inputs.ts";
import type { Package } from "../../../scripts/model/package.ts";
import type { Platform } from "../../../scripts/model/platform.ts";
import type { Catalog, Target } from "../../../scripts/model/target.ts";
import type { Registry } from "../../../scripts/registry/client.ts";
import { type BlobLocations, manifestContent, pushContent, putTag } from "../../../scripts/registry/push.ts";
import { dockerfileOf, renderCatalog } from "../../../scripts/render/files.ts";
import { loadTemplates } from "../../../scripts/render/templates.ts";
import { BASE_REPOSITORY, NAMESPACE } from "./catalog.ts";
import { putSmallImage } from "./image.ts";
import { currentPackages, sampleSizes } from "./packages.ts";

/** Images on their way to the registry at once. */
const CONCURRENCY = 8;

/** Where the fleet's images are made, and where they go. */
export interface Shipyard {
  readonly layout: OciLayout;
  readonly registry: Registry;
  readonly blobLocations: BlobLocations;
}

/** Puts a base image into the registry for each branch. @returns branch → digest */
export async function publishBases(
  branches: readonly string[],
  platform: Platform,
  yard: Shipyard,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const branch of branches) {
    const manifest = await putSmallImage(yard.layout, platform, branch, `Alpine ${branch}\n`);
    const index = await assembleIndex(yard.layout, [{ platform, manifest }], {}, branch);
    await ship({ index, repository: BASE_REPOSITORY, tag: branch }, yard);
    digests.set(branch, index.digest);
  }
  return digests;
}

/**
 * Publishes every target of a catalog as a small image that says of itself what a built one would: the same
 * inputs, and packages in the versions that their branches have now. There is nothing to rebuild afterwards.
 */
export async function publishFleet(
  catalog: Catalog,
  packages: ReadonlyMap<string, readonly Package[]>,
  bases: ReadonlyMap<string, string>,
  yard: Shipyard,
): Promise<void> {
  const rendered = renderCatalog(catalog, await loadTemplates(TEMPLATES));
  const current = new Map([...packages].map(([branch, all]) => [branch, currentPackages(all)]));
  const shipments: Shipment[] = [];
  for (const [number, target] of catalog.targets.entries()) {
    const inputs = inputsOf(target, catalog, rendered.get(dockerfileOf(target)) ?? "");
    const base = bases.get(target.branch);
    const annotations = {
      "org.opencontainers.image.title": target.name,
      "org.opencontainers.image.description": target.description,
      ...versionAnnotation("0.1.0"),
      ...(target.variant === "dev" && base !== undefined && { [BASE_DIGEST]: base }),
      ...inputsAnnotation(inputs),
      ...sizesAnnotations(sampleSizes(target, number, current.get(target.branch) ?? [])),
    };
    const tag = target.name.slice(target.image.length + 1);
    const index = await assemble(target, annotations, yard);
    shipments.push({ index, repository: `${NAMESPACE}/${target.image}`, tag });
  }
  const limit = pLimit(CONCURRENCY);
  await Promise.all(shipments.map((shipment) => limit(ship, shipment, yard)));
}

/** An index of the yard's layout, and where it goes. */
interface Shipment {
  readonly index: Descriptor;
  readonly repository: string;
  readonly tag: string;
}

async function assemble(
  target: Target,
  annotations: Record<string, string>,
  { layout }: Shipyard,
): Promise<Descriptor> {
  const platforms = target.platforms.map(async (platform) => ({
    platform,
    manifest: await putSmallImage(layout, platform, target.name, `${target.image} ${target.variant}\n`),
  }));
  return assembleIndex(layout, await Promise.all(platforms), annotations, target.name);
}

async function ship(
  { index, repository, tag }: Shipment,
  { layout, registry, blobLocations }: Shipyard,
): Promise<void> {
  await pushContent(layout, index, registry, repository, { blobLocations });
  await putTag(registry, repository, tag, await manifestContent(layout, index));
}
