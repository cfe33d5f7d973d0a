import { z } from "zod";

/**
 * What the site tells programs, version 1. A field may come; none goes away or changes its meaning while the version
 * stays. Sizes are bytes, times ISO 8601 in UTC; null is what nobody knows.
 */

const digest = z.string().describe("sha256: and 64 hexadecimal digits");
const known = z.string().nullable();
const bytes = z.int().nonnegative().describe("bytes");
const time = z.iso.datetime();

/** What each document begins with. */
const envelope = {
  version: z.literal(1).describe("Of this format"),
  registry: z.string().describe("HOST/NAMESPACE that was asked"),
  readAt: time.describe("When it was asked"),
};

const STATES = ["supported", "ending", "archived", "absent", "odd"] as const;
const state = z
  .enum(STATES)
  .describe("absent: not published; odd: deleted, moved by hand or foreign, as `says` tells");

const tag = z.strictObject({
  name: z.string().describe("node:22-dev"),
  image: z.string(),
  catalogVersion: z.string().describe("As the catalog names it: 22"),
  variant: z.enum(["runtime", "dev", "debug"]),
  state,
  says: z.array(z.string()).describe("What else is to be said of it, in sentences"),
  digest: digest.nullable(),
  published: time.nullable().describe("When its tag was moved to this digest"),
  packageVersion: known.describe("Exact version of the language's package: 22.16.0-r2"),
  tags: z.array(z.string()).describe("All tags that point at this digest, but those of single builds"),
  endOfLife: z.iso.date().nullable(),
  fixable: z.int().nonnegative().nullable().describe("Vulnerabilities that Alpine has fixed since"),
  signed: z.boolean().nullable().describe("null: the catalog wants no signature, or nobody looked"),
  due: z.boolean().describe("Whether the next run rebuilds it"),
});

export const schemas = {
  index: z.strictObject({
    ...envelope,
    images: z.array(
      z.strictObject({
        name: z.string(),
        title: z.string(),
        description: z.string(),
        page: z.string().describe("From this document's folder"),
        document: z.string().describe("From this document's folder"),
        feed: z.string().describe("From this document's folder"),
        versions: z.array(z.strictObject({ version: z.string(), state })),
      }),
    ),
  }),
  tags: z.strictObject({ ...envelope, tags: z.array(tag) }),
  image: z.strictObject({
    ...envelope,
    name: z.string(),
    title: z.string(),
    description: z.string(),
    tags: z.array(
      tag.extend({
        budget: bytes.nullable(),
        platforms: z.array(
          z.strictObject({
            platform: z.string().describe("linux/amd64"),
            digest: digest.nullable(),
            compressedSize: bytes,
            unpackedSize: bytes,
            packages: z.array(
              z.strictObject({ name: z.string(), version: z.string(), unpackedSize: bytes, licence: known }),
            ),
            documents: z.array(z.strictObject({ title: z.string(), path: z.string() })),
          }),
        ),
        builds: z.array(
          z.strictObject({
            digest,
            published: time,
            now: z.boolean(),
            available: z.boolean(),
            why: z.array(z.string()),
            changes: z.array(z.string()),
            closed: z.array(z.string()).nullable(),
          }),
        ),
      }),
    ),
    strangers: z.array(z.strictObject({ tag: z.string(), digest })),
  }),
  packages: z.strictObject({
    ...envelope,
    packages: z.record(
      z.string(),
      z.array(z.strictObject({ tag: z.string(), platform: z.string(), version: z.string() })),
    ),
  }),
  cves: z.strictObject({
    ...envelope,
    cves: z.record(
      z.string(),
      z.array(
        z.strictObject({
          fixed: known.describe("Alpine's first build without it"),
          installed: z.array(z.string()),
          tags: z.array(z.string()).describe("Who holds it, or held it"),
          firstSeen: time.nullable().describe("When a look first found it; null where nobody looks"),
          closed: time.nullable().describe("When a build without it was published; null: it is open"),
          severity: known.describe("As a scanner says"),
          exception: known.describe("Why the catalog lets it through"),
        }),
      ),
    ),
    unknown: z.array(z.string()).describe("Tags of which nobody can tell"),
  }),
} as const;

export type Api = { readonly [Name in keyof typeof schemas]: z.infer<(typeof schemas)[Name]> };
