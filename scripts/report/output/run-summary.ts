import { z } from "zod";
import { bytes, digest, stage, stageSeconds, target, texts, time } from "./parts.ts";

const weight = { compressed: bytes, unpacked: bytes };

/** What a run did, as `runs show` prints it: see model/run.ts. */
export const runSummary = z.strictObject({
  id: z.string().describe("Names the run, and sorts by time: 2026-11-25T030000Z-4711"),
  started: time,
  ended: time.optional().describe("Absent where the run was killed, or is still under way"),
  exitCode: z.int().optional().describe("Absent with `ended`"),
  error: z.string().optional().describe("Why it ended early"),
  version: z.string().describe("Of Birdhouse"),
  command: z.string().describe("As a person would type it"),
  registry: z.string().describe("HOST/NAMESPACE"),
  profile: z.enum(["catalog", "sandbox"]),
  engine: z.string().optional().describe("buildah 1.28.2; absent where nothing was to be built"),
  targets: z.array(
    z.strictObject({
      target,
      status: z.enum(["done", "failed", "held", "unstarted"]),
      reasons: z.array(z.strictObject({ kind: z.string(), text: z.string(), cves: texts })),
      failure: z.strictObject({ stage, message: z.string(), repeat: z.string().optional() }).optional(),
      failedRuns: z.int().optional().describe("In how many runs it failed in a row"),
      failingSince: time.optional(),
      fingerprint: z.string().optional().describe("Names what it was to be made of"),
      digest: digest.optional(),
      tags: texts,
      uploadedBytes: bytes,
      platforms: z.array(
        z.strictObject({ platform: z.string(), ...weight, before: z.strictObject(weight).optional() }),
      ),
      seconds: stageSeconds,
    }),
  ),
  upToDate: z.int().nonnegative(),
  unavailable: z.int().nonnegative(),
  unknown: z.array(z.strictObject({ problem: z.string(), targets: z.int() })),
  notes: texts,
});
