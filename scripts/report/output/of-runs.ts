import { z } from "zod";
import * as parts from "./parts.ts";
import { runSummary } from "./run-summary.ts";

const { bytes, day, support, target, texts, time, unknown } = parts;
const plan = z.array(parts.plannedTarget);
const outcomes = z.array(parts.outcome);
const run = z.string().describe("Names the run: 2026-11-25T030000Z-4711");

/** What the other commands print: those of the catalog, of plans, of runs and of this machine. */
export const ofRuns = {
  check: z.strictObject({ valid: z.boolean(), problems: z.array(parts.problem) }),
  clean: z.strictObject({
    removed: z.array(
      z.strictObject({
        kind: z.enum(["layout", "run", "leftover"]),
        name: z.string().describe("Its path in the state directory"),
        bytes,
        used: z.number().describe("When it was last made, in milliseconds since 1970"),
        why: z.enum(["age", "disk", "number", "leftover"]),
      }),
    ),
    bytes,
    running: z.boolean().describe("Whether a run is in progress, whose layouts were left alone"),
    dryRun: z.boolean(),
  }),
  doctor: z.strictObject({
    about: z.strictObject({
      birdhouse: z.string(),
      node: z.string(),
      system: z.string(),
      machine: z.string(),
    }),
    checks: z.array(
      z.strictObject({
        name: z.string(),
        status: z.enum(["ok", "warn", "fail"]),
        found: z.string(),
        advice: z.string().optional(),
      }),
    ),
  }),
  explain: z.strictObject({ plan }),
  list: z.strictObject({
    targets: z.array(
      z.strictObject({
        ...{ target, branch: z.string(), endOfLife: day.nullable(), support },
        ...{ tags: texts, world: texts, platforms: texts },
      }),
    ),
  }),
  plan: z.strictObject({ plan }),
  rebuild: z.strictObject({
    run: run.optional().describe("Absent of a dry run"),
    forecast: parts.forecast.optional(),
    plan,
    outcomes,
  }),
  join: z.strictObject({ run, outcomes }),
  build: z.strictObject({ run, outcomes }),
  smoke: z.strictObject({ run, outcomes }),
  publish: z.strictObject({ run, outcomes }),
  render: z.strictObject({
    files: z.int(),
    differences: z.array(z.strictObject({ path: z.string(), patch: z.string() })),
  }),
  runs: z.strictObject({
    runs: z.array(
      z.strictObject({
        ...{ id: run, started: time, ended: time.nullable(), exitCode: z.int().nullable() },
        ...{ command: z.string(), verdict: z.string() },
        targets: z.array(z.strictObject({ target, status: z.enum(["done", "failed", "held", "unstarted"]) })),
      }),
    ),
  }),
  "runs show": z.strictObject({ run: runSummary }),
  serve: z.strictObject({ images: z.string(), packages: z.string().nullable() }),
  sandbox: z.strictObject({ images: z.string(), packages: z.string() }),
  site: z.strictObject({
    site: z.strictObject({
      ...{ output: z.string(), files: z.int(), images: z.int(), targets: z.int() },
      unknown,
    }),
  }),
  update: z.strictObject({
    branches: z.array(z.strictObject({ branch: z.string(), endOfLife: day })),
    versions: z.array(
      z.strictObject({
        ...{ image: z.string(), version: z.string(), branch: z.string(), carriers: texts },
      }),
    ),
    changes: z.array(
      z.strictObject({
        kind: z.enum(["move", "new-version", "branch", "ended", "hint"]),
        why: z.string(),
        editable: z.boolean().describe("Whether --write makes it"),
        image: z.string().optional(),
        version: z.string().optional(),
        branch: z.string().optional().describe("Not of a move, which has from and to"),
        from: z
          .string()
          .optional()
          .describe("A branch; of a branch, the day on which it ends by the catalog"),
        to: z.string().optional(),
        package: z
          .union([z.string(), z.strictObject({ from: z.string(), to: z.string() })])
          .optional()
          .describe("Where it is not the image's"),
        along: texts.optional().describe("Versions that move with it"),
        inherited: z.boolean().optional().describe("The image takes it over from the one that it extends"),
        repository: z.literal("community").optional().describe("What of the branch ends then"),
        community: day.optional(),
        since: day.optional().describe("From when it is archived"),
        above: z.string().optional().describe("The catalog that the change belongs to"),
      }),
    ),
    problems: texts,
    written: z.boolean(),
  }),
} as const;
