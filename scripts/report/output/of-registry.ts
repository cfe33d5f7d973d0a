import { z } from "zod";
import { LEFT_BECAUSE } from "../../model/promotion.ts";
import * as parts from "./parts.ts";

const { bytes, day, digest, support, target, texts, time, unknown } = parts;

/** What was brought from one place to another. */
const sent = z.strictObject({ target, digest, sent: bytes, moved: texts.describe("Tags") });

/** What commands print that tell of a registry, or move what is in it. */
export const ofRegistry = {
  history: z.strictObject({
    history: z.array(
      z.strictObject({
        target,
        now: digest.nullable(),
        hold: parts.hold.nullable(),
        images: z.array(
          z.strictObject({
            digest,
            created: time.describe("When the tag was moved to it"),
            confirmed: time.describe("When a build last came to it"),
            available: z.boolean(),
            changes: texts.describe("libssl3 3.3.2-r0 → 3.3.2-r1"),
          }),
        ),
        problem: z.string().optional().describe("Why it could not be read"),
      }),
    ),
  }),
  inspect: z.strictObject({
    inspected: z.array(
      z.strictObject({
        target,
        digest: digest.nullable(),
        tags: texts,
        published: time.nullable(),
        base: z.string().nullable(),
        inputs: z.record(z.string(), z.union([z.string(), texts])).nullable(),
        platforms: z.array(parts.platformSizes.extend({ packages: z.array(parts.sizedPackage) })),
        attached: z.array(z.strictObject({ digest, artifactType: z.string().nullable(), size: bytes })),
      }),
    ),
  }),
  export: z.strictObject({
    to: z.string(),
    bytes,
    exported: z.array(
      z.strictObject({
        ...{ target, digest, tags: texts },
        attached: z.array(z.strictObject({ digest, artifactType: z.string().nullable() })),
        beside: z.array(z.strictObject({ tag: z.string(), digest })).describe("Its history and its ledger"),
      }),
    ),
  }),
  import: z.strictObject({ imported: z.array(sent) }),
  promote: z.strictObject({
    ...{ from: z.string(), to: z.string(), dryRun: z.boolean() },
    promoted: z.array(sent),
    left: z.array(
      z.strictObject({
        release: z.string().describe("An image and its version: node:22"),
        because: z.enum(LEFT_BECAUSE),
        text: z.string(),
        until: time.nullable().describe("When it will have soaked"),
      }),
    ),
    failed: z.array(z.strictObject({ release: z.string(), text: z.string() })),
  }),
  sizes: z.strictObject({
    written: z.string().optional().describe("The file that --write wrote"),
    sizes: z.array(
      z.strictObject({
        target,
        digest: digest.nullable(),
        budget: bytes.nullable(),
        platforms: z
          .array(
            z.strictObject({
              ...{ platform: z.string(), compressed: bytes, unpacked: bytes },
              packages: z.array(
                z.strictObject({ name: z.string(), version: z.string().optional(), unpacked: bytes }),
              ),
              notOfAPackage: bytes,
            }),
          )
          .nullable(),
      }),
    ),
  }),
  scan: z.strictObject({
    at: time,
    scanner: z.string().nullable(),
    dryRun: z.boolean(),
    scan: z.array(
      z.strictObject({
        target,
        digest: digest.nullable(),
        sources: texts.describe("Who answered; none: nobody looked"),
        open: z.array(parts.ledgerEntry.extend({ new: z.boolean() })),
        published: z.array(parts.ledgerEntry).describe("Closed since the last scan"),
        vex: texts.describe("The platforms of which a statement was made or renewed"),
        problems: texts,
      }),
    ),
    latency: parts.latency,
    unknown,
  }),
  status: z.strictObject({
    status: z.array(
      z.strictObject({
        target,
        digest: digest.nullable(),
        version: z.string().nullable().describe("Exact version of the language's package"),
        published: time.nullable(),
        age: z.int().nullable().describe("Days"),
        budget: bytes.nullable(),
        platforms: z.array(parts.platformSizes),
        wantedPlatforms: texts,
        endOfLife: day.nullable(),
        support,
        signed: z.boolean().nullable(),
        due: z.boolean(),
        reasons: z.array(z.strictObject({ kind: z.string(), text: z.string() })),
        held: z.array(z.strictObject({ text: z.string(), because: z.string() })),
        obstacle: z.string().nullable(),
        unknown: texts.describe("What could not be asked: so whether it is due is not known"),
        vulnerabilities: z.array(parts.fixable).nullable().describe("Those that Alpine has fixed since"),
        scanned: z
          .strictObject({ at: time, digest, sources: texts })
          .nullable()
          .describe("The last scan: when, what the tag pointed at, and who answered"),
        unfixed: z.array(parts.unfixed.extend({ id: z.string() })).nullable(),
        problem: z.string().optional().describe("Why not all of it could be read"),
      }),
    ),
    left: z
      .array(
        z.strictObject({
          ...{ name: target, reference: z.string() },
          ...{ digest: digest.nullable(), published: time.nullable() },
        }),
      )
      .describe("Tags of versions that are no longer in the catalog"),
    latency: parts.latency,
    unknown,
  }),
  "status --cve": z.strictObject({
    vulnerability: z.string(),
    fixes: z.array(z.strictObject({ branch: z.string(), origin: z.string(), version: z.string() })),
    targets: z.array(
      z.strictObject({
        target,
        digest: digest.nullable(),
        holds: z.array(parts.fixable),
        unfixed: z.array(parts.unfixed).nullable(),
        freeSince: time.nullable(),
        images: z.array(z.strictObject({ digest, created: time, holds: z.boolean().nullable() })),
        problem: z.string().optional().describe("Why it could not be read"),
      }),
    ),
    unknown,
  }),
  prune: z.strictObject({
    pruned: z.array(
      z.strictObject({ repository: z.string(), tag: z.string(), digest, parts: z.array(digest) }),
    ),
  }),
  rollback: z.strictObject({
    rollback: z
      .array(
        z.strictObject({
          ...{ target, from: z.string().describe("A digest; empty where there was no such tag") },
          to: z.strictObject({
            image: z.strictObject({ mediaType: z.string(), digest, size: bytes }),
            created: time,
            confirmed: time,
          }),
          hold: parts.hold.optional().describe("What holds its tags now"),
          tags: texts,
        }),
      )
      .optional(),
    hold: parts.hold.nullable().optional(),
    released: texts.optional().describe("With --release: versions that are held no longer"),
  }),
} as const;
