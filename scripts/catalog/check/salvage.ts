import { z } from "zod";
import { type Format, formatProblem } from "../schema/format.ts";
import { PACKAGE, TAG, VERSION_FORMAT, WORLD_ITEM } from "../schema/formats.ts";
import { imageSchema } from "../schema/image.ts";

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
  versions: z.record(z.string(), z.unknown()).catch({}),
  runtime: packagesShape,
  dev: packagesShape,
});

/** The same parts, where nothing of them is wrong. */
const { package: packageName, versions, runtime, dev } = imageSchema.shape;
const flawlessShape = z.object({ package: packageName, versions, runtime, dev });

/** What can be made of an image's entry that may be wrong in places: as much as the rules need of it. */
export interface SalvagedImage {
  /** Empty when it cannot be read. */
  readonly package: string;
  readonly versions: Readonly<Record<string, z.infer<typeof versionShape>>>;
  readonly runtime: z.infer<typeof packagesShape>;
  readonly dev: z.infer<typeof packagesShape>;
  /** All version keys as they are written, be they versions or not. */
  readonly versionKeys: readonly string[];
  /** Whether nothing had to be left out. */
  readonly flawless: boolean;
}

/** Leaves out what is wrong by itself, of which the schema tells: one mistake must not hide another. */
export function salvageImage(data: unknown): SalvagedImage {
  const entry = imageShape.safeParse(data).data ?? imageShape.parse({});
  const versions = Object.entries(entry.versions)
    .filter(([key]) => formatProblem(VERSION_FORMAT, key) === undefined)
    .map(([key, version]) => [key, versionShape.safeParse(version).data ?? versionShape.parse({})] as const);
  return {
    ...entry,
    versions: Object.fromEntries(versions),
    versionKeys: Object.keys(entry.versions),
    flawless: flawlessShape.safeParse(data).success,
  };
}
