import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { parseCatalog } from "../../scripts/catalog/load.ts";
import type { Target } from "../../scripts/model/target.ts";

/** As much of a catalog as has to be known to replace an image's versions. */
const looseCatalog = z.looseObject({
  images: z.record(
    z.string(),
    z.looseObject({ versions: z.record(z.string(), z.looseObject({})).default({}) }),
  ),
});

/**
 * The runtime of an image of the catalog as it would be in one version on one branch, whether or not the
 * catalog offers that version there. For images that extend no other.
 *
 * @throws Error when the catalog has no such image
 */
export function runtimeOn(catalogFile: string, image: string, version: string, branch: string): Target {
  const catalog = looseCatalog.parse(parse(readFileSync(catalogFile, "utf8")));
  const entry = catalog.images[image];
  if (!entry) throw new Error(`${catalogFile}: there is no image ${image}`);
  const versions = { [version]: { ...entry.versions[version], branch } };
  const text = JSON.stringify({ ...catalog, images: { [image]: { ...entry, versions } } });
  const target = parseCatalog(catalogFile, text).targets.find(({ variant }) => variant === "runtime");
  if (!target) throw new Error(`${catalogFile}: ${image} has no runtime`);
  return target;
}
