import { z } from "zod";
import type { ImageEntry } from "../extend/extend.ts";
import { type Format, formatProblem } from "../schema/format.ts";
import { PACKAGE, TAG, VERSION_FORMAT, WORLD_ITEM } from "../schema/formats.ts";
import { imageSchema } from "../schema/image.ts";
import { mappingOf } from "../text/source.ts";

/** A text of a format; any other value counts as an empty text, so that items of a list keep their index. */
function textOf(format: Format) {
  return z
    .string()
    .refine((text) => formatProblem(format, text) === undefined)
    .catch("");
}

const packagesShape = z.object({ packages: z.array(textOf(WORLD_ITEM)).catch([]) }).catch({ packages: [] });

/** What stands for a branch that cannot be read. */
export const UNKNOWN_BRANCH = "unknown";

const versionShape = z.object({
  // Never empty: an item of the world that holds it must stay one.
  branch: z
    .string()
    .regex(/^[\w.]+$/)
    .catch(UNKNOWN_BRANCH),
  package: textOf(PACKAGE).optional().catch(undefined),
  latest: z.boolean().optional().catch(undefined),
  tags: z.array(textOf(TAG)).catch([]),
  runtime: packagesShape,
  dev: packagesShape,
});

const imageShape = z.object({
  package: textOf(PACKAGE),
  runtime: packagesShape,
  dev: packagesShape,
  debug: z.boolean().optional().catch(undefined),
});

/** The same parts, where nothing of them is wrong. */
const flawlessShape = imageSchema.pick({ package: true, versions: true, runtime: true, dev: true }).strip();

/** What can be made of an image's entry that may be wrong in places: as much as the rules need of it. */
export type SalvagedImage = ReturnType<typeof salvageImage>;

/**
 * The same of an image of which nothing is wrong by itself: most catalogs are right, and to look at each value once
 * more takes as long as reading it.
 */
export function flawlessImage(name: string, image: ImageEntry): SalvagedImage {
  const versions = Object.entries(image.versions).map(([key, version]) => {
    const { branch, latest, tags, runtime = NO_PACKAGES, dev = NO_PACKAGES } = version;
    return [key, { branch, package: version.package, latest, tags, runtime, dev }] as const;
  });
  return {
    name,
    package: image.package,
    runtime: image.runtime,
    dev: image.dev,
    debug: image.debug,
    versions: Object.fromEntries(versions),
    versionKeys: Object.keys(image.versions),
    flawless: true,
  };
}

const NO_PACKAGES = { packages: [] };

/**
 * Leaves out what is wrong by itself, of which the schema tells: one mistake must not hide another.
 *
 * @param written what the catalog has of the image
 * @param data the same with what it extends taken over
 */
export function salvageImage(name: string, written: unknown, data: unknown) {
  const image = mappingOf(data) ?? {};
  const entries = Object.entries(mappingOf(image.versions) ?? {});
  const versions = entries
    .filter(([key]) => formatProblem(VERSION_FORMAT, key) === undefined)
    .map(([key, version]) => [key, versionShape.parse(mappingOf(version) ?? {})] as const);
  return {
    name,
    ...imageShape.parse(image),
    versions: Object.fromEntries(versions),
    /** All version keys as they are written, be they versions or not. */
    versionKeys: entries.map(([key]) => key),
    /** Whether nothing had to be left out. */
    flawless: flawlessShape.safeParse(written).success,
  };
}
