import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { openLocalRegistry } from "../../../scripts/registry/local.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import type { Cleanup } from "../../../scripts/system/ending.ts";
import { freePort } from "../../support/world.ts";
import { type AlpineData, packagesOf } from "../alpine.ts";
import { startService } from "../service.ts";
import { type FleetSize, fleetCatalog, NAMESPACE } from "./catalog.ts";
import { publishBases, publishFleet, type Shipyard } from "./publish.ts";

/** A catalog that is published in full and up to date, with its registry and its package mirror running. */
export interface Fleet {
  /** Path of the catalog file. */
  readonly catalog: string;
  /** A state directory for those who plan. */
  readonly state: string;
  /** The addresses of all manifests by tag. */
  readonly manifests: readonly string[];
  /** `HOST:PORT` */
  readonly registry: string;
  /** URL of the package mirror. */
  readonly mirror: string;
  readonly branches: readonly string[];
}

/** Makes a fleet. @param cleanup is told how to take it away again */
export async function openFleet(size: FleetSize, data: AlpineData, cleanup: Cleanup): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-fleet-"));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  const registry = `127.0.0.1:${await freePort()}`;
  const place = { host: registry, directory: join(directory, "registry"), note: () => {} };
  cleanup.add(await openLocalRegistry(place));
  const mirror = `http://${(await startService("mirror.ts", [data.mirror], cleanup)).host}`;
  const file = join(directory, "catalog.yaml");
  await writeFile(file, fleetCatalog(size, { registry, mirror }, data));
  const catalog = await loadCatalog(file);
  const yard: Shipyard = {
    layout: await OciLayout.create(join(directory, "layout")),
    registry: new Registry(registry),
    blobLocations: new BlobLocations(),
  };
  const bases = await publishBases(data.branches, data.platform, yard);
  const packages = new Map(data.branches.map((branch) => [branch, packagesOf(data, branch)]));
  await publishFleet(catalog, packages, bases, yard);
  const manifests = catalog.targets.map(
    ({ image, name }) =>
      `http://${registry}/v2/${NAMESPACE}/${image}/manifests/${name.slice(image.length + 1)}`,
  );
  const { branches } = data;
  return { catalog: file, state: join(directory, "state"), manifests, registry, mirror, branches };
}
