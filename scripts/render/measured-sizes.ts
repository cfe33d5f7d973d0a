import { z } from "zod";
import { readCommitted } from "./committed-file.ts";

/**
 * `sizes.json`, beside the catalog: how large targets are, measured against Alpine's real indexes and
 * committed, so that what READMEs say of sizes is known without a network. docs/sizes.md tells how the
 * figures come about.
 */

const bytes = z.int().nonnegative();

/** The index that a figure was measured against. */
const measuredAgainst = {
  /** The Alpine branch, such as `3.22`. */
  branch: z.string(),
  /** What the index calls itself, such as `v3.22.2-206`; of main and community with ` + ` between them. */
  index: z.string(),
  /** The day on which its newest package was built. */
  date: z.iso.date(),
};

const targetSchema = z.strictObject({
  ...measuredAgainst,
  /** How many packages the world comes to. In dev these are with those of Alpine's base image. */
  packages: z.int().positive(),
  /** Bytes on disk: whole 4096-byte blocks up to Alpine 3.20, exact bytes by 3.22. Do not compare across. */
  installed: bytes,
  /** Bytes to download: the sizes of the package files. */
  compressed: bytes,
  /** Words of the world that the index at hand lacks → the repository they are in. Without it the figures are exact. */
  leftOut: z.record(z.string(), z.enum(["community", "unknown"])).optional(),
  /** The packages with the most bytes to download → those bytes, largest first. */
  largest: z.record(z.string(), bytes),
});

const savingSchema = z.strictObject({
  ...measuredAgainst,
  /** The two worlds, words separated by spaces. */
  world: z.string(),
  insteadOf: z.string(),
  /** By how many bytes the world is smaller. */
  installed: bytes,
  compressed: bytes,
});

const sizesSchema = z.strictObject({
  /** By target name, such as `node:22-dev`. */
  targets: z.record(z.string(), targetSchema),
  /** By what is done to save, in a few words. */
  savings: z.record(z.string(), savingSchema),
});

export type MeasuredTarget = z.infer<typeof targetSchema>;
export type Saving = z.infer<typeof savingSchema>;
export type MeasuredSizes = z.infer<typeof sizesSchema>;

/**
 * Reads a file of measured sizes. Where there is none, nothing was measured: one's own catalog need not have it.
 *
 * @throws UserError when the file is there and is not what it should be
 */
export function readMeasuredSizes(file: string): Promise<MeasuredSizes> {
  return readCommitted(file, {
    schema: sizesSchema,
    absent: { targets: {}, savings: {} },
    what: "measured sizes",
    hint: "a test writes it, never a person: restore it from git, or measure anew (docs/sizes.md)",
  });
}
