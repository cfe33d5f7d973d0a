import { z } from "zod";

/**
 * What outputs of several commands have in common. In each: sizes are bytes, times ISO 8601 in UTC, days as 2027-05-01;
 * null is what nobody knows, or what there is none of.
 */

export const target = z.string().describe("node:22-dev");
export const digest = z.string().describe("sha256: and 64 hexadecimal digits");
export const bytes = z.int().nonnegative().describe("bytes");
export const time = z.iso.datetime();
export const day = z.iso.date();
export const texts = z.array(z.string());
export const unknown = texts.describe("What could not be asked");
export const support = z.enum(["supported", "ending", "archived"]);

const reason = z
  .strictObject({
    kind: z.enum([
      ...(["missing", "unreadable", "unknown-origin", "inputs", "base"] as const),
      ...(["packages", "age", "asked", "pair"] as const),
    ]),
    text: z.string().describe("As the plan prints it"),
    because: z.string().optional().describe("unreadable: what the registry said. Of one that waits: why"),
    changes: z
      .array(z.strictObject({ input: z.string(), removed: texts, added: texts }))
      .optional()
      .describe("inputs: what is not as it was"),
    upgrade: z.strictObject({ from: z.string(), to: z.string() }).optional().describe("inputs: of Birdhouse"),
    from: z.string().optional().describe("base: a digest"),
    to: z.string().optional().describe("base: a digest"),
    moved: z
      .array(
        z.strictObject({
          ...{ name: z.string(), from: z.string(), to: z.string() },
          fixes: texts.describe("CVE-2024-9143"),
          platforms: texts,
        }),
      )
      .optional()
      .describe("packages: those of which Alpine has a newer build"),
    days: z.int().optional().describe("age: since it was published"),
    limit: z.int().optional().describe("age: days at most"),
    pair: target.optional(),
  })
  .describe("Why a target must be rebuilt");

/** One target of a plan. */
export const plannedTarget = z.strictObject({
  target,
  rebuild: z.boolean().describe("Whether a run builds it"),
  platforms: texts.describe("Those that it is built for"),
  unavailablePlatforms: z.array(
    z.strictObject({ platform: z.string(), because: z.string(), advice: z.string().optional() }),
  ),
  support,
  endOfLife: day.nullable(),
  unavailable: z.string().nullable().describe("Why it cannot be built for now, which is no failure"),
  mistake: z
    .strictObject({ text: z.string(), place: z.string().describe("catalog.yaml:12:5") })
    .nullable()
    .describe("What the catalog asks for and no branch has"),
  reasons: z.array(reason),
  held: z.array(reason).describe("Reasons that its policy does not count"),
  notBegun: z.string().optional().describe("What could not be asked"),
  leftOut: z.enum(["archived", "limit", "waiting"]).optional().describe("Why this run leaves it as it is"),
  notes: texts.optional(),
  unknown: texts.describe("What could not be compared"),
  digest: digest.nullable().describe("What is published"),
});

/** What a run is going to take. */
export const forecast = z.strictObject({
  targets: z.int().nonnegative(),
  releases: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  bytes: z.number().nonnegative().describe("At most"),
  basis: z.enum(["runs", "sizes"]).describe("What it was reckoned by"),
  known: z.int().nonnegative().describe("Of how many targets that basis knows something"),
});

export const stage = z.enum(["build", "smoke", "publish"]);
export const stageSeconds = z.strictObject({
  build: z.number().nonnegative(),
  smoke: z.number().nonnegative(),
  publish: z.number().nonnegative(),
});

/** What became of one target. */
export const outcome = z.discriminatedUnion("status", [
  z.strictObject({
    status: z.literal("done"),
    target,
    digest,
    repository: z.string().nullable().describe("null: it was only built"),
    tags: texts,
    uploadedBytes: bytes,
    seconds: stageSeconds,
    platforms: z.array(
      z.strictObject({
        ...{ platform: z.string(), digest, compressedSize: bytes, unpackedSize: bytes },
        packages: texts.describe("NAME-VERSION"),
      }),
    ),
  }),
  z.strictObject({
    ...{ status: z.literal("failed"), target, stage, message: z.string() },
    failedRuns: z.int().optional().describe("In how many runs it failed in a row"),
    failingSince: time.optional(),
  }),
  z.strictObject({ status: z.literal("held").describe("Its pair failed"), target, pair: target }),
  z.strictObject({ status: z.literal("unstarted").describe("The deadline passed before"), target }),
]);

/** What an image weighs on one platform. */
export const platformSizes = z.strictObject({
  ...{ platform: z.string(), compressedSize: bytes, unpackedSize: bytes },
});

export const sizedPackage = z.strictObject({ name: z.string(), version: z.string(), unpackedSize: bytes });

/** Why the catalog lets a vulnerability through. */
const exception = z.strictObject({
  kind: z.enum(["accepted", "not_affected"]),
  reason: z.string(),
  until: day.describe("The last day on which it counts"),
});

/** One that Alpine has not fixed. */
export const unfixed = z.strictObject({
  ...{ package: z.string(), installed: z.string() },
  severity: z.string().nullable().describe("As a scanner says"),
  firstSeen: time,
  exception: exception.nullable(),
});

/** One that Alpine has fixed since. */
export const fixable = z.strictObject({
  name: z.string().describe("CVE-2024-9143"),
  ...{ package: z.string(), installed: z.string(), fixed: z.string(), platforms: texts },
});

/** One of a ledger. */
export const ledgerEntry = unfixed.extend({
  id: z.string().describe("CVE-2024-9143"),
  platforms: texts,
  sources: texts.describe("Who told of it: secdb, trivy, grype"),
  fixedByAlpine: z.strictObject({ version: z.string(), since: time }).nullable(),
  publishedByUs: z.strictObject({ digest, time }).nullable(),
  latencySeconds: z.int().nullable().describe("From Alpine's fix to ours, or until now"),
});

/** How long fixes take, by all ledgers that were read. */
export const latency = z.strictObject({
  published: z.int().describe("Fixes in the last 180 days, of which the figures are made"),
  p50Seconds: z.int().nullable(),
  p95Seconds: z.int().nullable(),
  waiting: z.int(),
  longestWaitingSeconds: z.int().nullable(),
});

export const hold = z.strictObject({ until: time, by: z.string(), reason: z.string() });

/** A mistake in a catalog. */
export const problem = z.strictObject({
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  subject: z.string(),
  message: z.string(),
});
