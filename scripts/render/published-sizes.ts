import { z } from "zod";
import { PLATFORMS } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import { readCommitted } from "./committed-file.ts";

/**
 * `published.json`, beside the catalog: what published images weigh and when they were made, as the registry told it to
 * `sizes --write`. Committed, so that READMEs have it and rendering asks nobody.
 */

const bytes = z.int().nonnegative();

const targetSchema = z.strictObject({
  digest: z.string(),
  /** When the newest package in it was built; absent of an image that does not say so. */
  created: z.iso.datetime().optional(),
  /** By platform, compressed and unpacked. */
  platforms: z.partialRecord(z.enum(PLATFORMS), z.strictObject({ compressed: bytes, unpacked: bytes })),
});

const fileSchema = z.strictObject({ targets: z.record(z.string(), targetSchema) });

/** By the name of the target, such as `node:22-dev`. */
export type PublishedSizes = z.infer<typeof fileSchema>;

export const PUBLISHED_SIZES = "published.json";

/** Reads the file; where there is none, nothing is known. @throws UserError when it is not what it should be */
export function readPublishedSizes(file: string): Promise<PublishedSizes> {
  return readCommitted(file, {
    schema: fileSchema,
    absent: { targets: {} },
    what: "published sizes",
    hint: "restore it from git, or remove it and have it written anew: sizes --write",
  });
}

/**
 * The file as it is to be, with what is published now: of a target that is not, what was known of it stays. Pure.
 * @param known the names of all targets of the catalog: no other has a place in it
 */
export function withPublished(
  before: PublishedSizes,
  published: ReadonlyMap<string, Published | undefined>,
  known: readonly string[],
): PublishedSizes {
  const targets = known.flatMap((name) => {
    const now = sizesOf(published.get(name)) ?? before.targets[name];
    return now ? [[name, now] as const] : [];
  });
  return { targets: Object.fromEntries(targets) };
}

function sizesOf(published: Published | undefined): PublishedSizes["targets"][string] | undefined {
  if (!published?.sizes) return undefined;
  const { digest, created } = published;
  // An image names them itself, and READMEs show them.
  const platforms = PLATFORMS.flatMap((platform) => {
    const sizes = published.sizes?.get(platform);
    return sizes ? [[platform, { compressed: sizes.compressed, unpacked: sizes.unpacked }] as const] : [];
  });
  return { digest, ...(created !== undefined && { created }), platforms: Object.fromEntries(platforms) };
}

/** The file's text: a target a line or more, so that a change shows where it is. */
export function publishedSizesText(sizes: PublishedSizes): string {
  return `${JSON.stringify(sizes, null, 2)}\n`;
}
