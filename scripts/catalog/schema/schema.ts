import { z } from "zod";
import { PLATFORMS } from "../../model/platform.ts";
import { REPOSITORIES } from "../../model/repositories.ts";
import * as addresses from "./addresses.ts";
import * as formats from "./formats.ts";
import { imageSchema, type versionSchema } from "./image.ts";
import {
  COMPRESSION,
  cleanSchema,
  ecrSchema,
  gateSchema,
  policySchema,
  promoteSchema,
  runnersSchema,
  signSchema,
  webhookSchema,
} from "./settings.ts";
import { date, neededUnlessExtending, oneLine, optional, someOf, someOnce, word } from "./words.ts";

/**
 * The catalog file, as a maintainer writes it. The one definition: the TypeScript types, the validator
 * and `catalog.schema.json` (what editors read) are all made from it. What one value must look like is
 * said here; what several must be together is in rules.ts; what comes over from a catalog or an image that
 * another extends is in extend.ts.
 */

/** They make a layer that images share, so they cannot depend on a version. */
const sharedPackages = z.array(
  word(formats.WORLD_ITEM).refine((item) => !item.includes("{{"), {
    error: "no {{placeholder}} may stand here: all images share these packages",
  }),
);

const runtimeDefaultsSchema = z.strictObject({
  packages: sharedPackages.default([]).describe("Alpine packages, the same for every image and version"),
  env: z
    .record(word(addresses.ENV_NAME), word(formats.LINE))
    .default({})
    .describe("Environment variables of every image, unless it sets them itself"),
});

const devDefaultsSchema = runtimeDefaultsSchema.extend({
  layers: z
    .array(sharedPackages.min(1))
    .default([])
    .describe(
      "Lists of packages: an image that names all of one, and of those before it, has them in a layer of their own, which such images share",
    ),
});

const renamedSchema = z
  .record(word(formats.PLAIN_PACKAGE), z.record(word(formats.BRANCH), z.array(word(formats.PLAIN_PACKAGE))))
  .default({})
  .describe(
    "What packages were called on older branches: name → the last branch of it → the names there, none where it was not needed",
  );

export const catalogSchema = z
  .strictObject({
    extends: optional(
      word(addresses.PARENT_CATALOG),
      "Another catalog: what is not said here is as there, and its images can be extended. birdhouse, a file, or https://…#sha256=…",
    ),
    registry: optional(word(addresses.REGISTRY), "Where images are published: HOST[:PORT]/NAMESPACE"),
    site: optional(
      word(addresses.SITE_URL),
      "Where the pages that `site` writes are served, for links to them: https://images.example.com",
    ),
    platforms: optional(
      someOnce(PLATFORMS, "platform"),
      "The platforms that images are built for, where Alpine has the packages; update looks at the first",
    ),
    runners: optional(
      runnersSchema,
      "On which machines a CI makes each platform; without it, one machine makes all of them",
    ),
    sources: optional(
      z.strictObject({
        base: word(addresses.REPOSITORY).describe("Repository of Alpine's base image; the branch is its tag"),
        packages: word(addresses.MIRROR_URL).describe(
          "URL of an Alpine package mirror, the folder that holds v3.22/",
        ),
        auth: optional(
          z.boolean(),
          "true: the mirror wants Basic authentication; HTTP_AUTH of the environment has it, as for apk: basic:*:USER:PASSWORD",
        ),
        keys: optional(
          word(formats.FOLDER),
          "Folder of the mirror's public keys, *.pub; without it Alpine's own",
        ),
        security: optional(
          word(addresses.MIRROR_URL),
          "URL of Alpine's list of security fixes, the folder that holds v3.22/main.json",
        ),
        releases: optional(
          word(addresses.LOCATION),
          "Alpine's releases.json, as a URL or a file: what `update` takes branches and ends from",
        ),
      }),
      "Where Alpine comes from",
    ),
    repositories: optional(
      z.record(
        word(formats.IMAGE_NAME),
        z.strictObject({
          url: word(addresses.PACKAGE_REPOSITORY).describe(
            "URL of the folder that holds x86_64/; {{branch}} stands for the branch",
          ),
          keys: optional(
            word(formats.FOLDER),
            "Folder of the public keys that sign its index, *.pub; without it those of the mirror do",
          ),
          auth: optional(
            z.boolean(),
            "true: it wants Basic authentication; HTTP_AUTH of the environment has it, as for apk",
          ),
          branches: optional(
            z.array(word(formats.BRANCH)).min(1),
            "The branches that it has packages for; without this, all",
          ),
        }),
      ),
      "Where packages come from beside Alpine's own repositories, by name",
    ),
    certificates: optional(
      z.array(word(formats.FILE)),
      "Certificates of authorities that all images trust, in PEM: files, from this catalog's folder",
    ),
    templates: optional(
      word(formats.FOLDER),
      "Folder of templates and partials of one's own, which stand instead of Birdhouse's of their names",
    ),
    compression: optional(
      word(COMPRESSION),
      "How layers are compressed: gzip, or zstd, which newer pullers take; maybe with a level, zstd:9",
    ),
    policy: optional(policySchema, "When images are rebuilt"),
    archived: optional(
      z.boolean(),
      "true: versions that have ended are built too; without it only where the command line names them",
    ),
    sign: optional(signSchema, "How published images are signed, with cosign"),
    ecr: optional(ecrSchema, "How repositories are made, where the registry is Amazon ECR"),
    gate: optional(gateSchema, "Which known vulnerabilities keep an image from being published"),
    promote: optional(
      promoteSchema,
      "When what was published to one registry may go on to another, by `promote`",
    ),
    clean: optional(cleanSchema, "What bounds the disk that layouts, runs and build caches take"),
    notify: optional(z.array(webhookSchema), "Who is told how runs ended: webhooks"),
    branches: optional(
      z.record(
        word(formats.BRANCH),
        z.strictObject({
          eol: date.describe("The day on which Alpine ends its support"),
          community: optional(
            date,
            "The day on which its repository community ends, which is when the next branch comes",
          ),
          repositories: optional(
            someOnce(REPOSITORIES, "repository"),
            "The repositories that the mirror has of it, where not both: [main]",
          ),
        }),
      ),
      "The branches of Alpine that there are, and when each ends",
    ),
    renamed: renamedSchema,
    excluded: z
      .record(
        word(formats.IMAGE_NAME),
        z.strictObject({
          title: oneLine.describe("What people call it"),
          reason: oneLine.describe("Why, in a sentence"),
        }),
      )
      .default({})
      .describe("Languages that this catalog cannot offer, and why"),
    defaults: z
      .strictObject({
        runtime: optional(runtimeDefaultsSchema, "What every image of this variant has"),
        dev: optional(devDefaultsSchema, "What every image of this variant has"),
      })
      .prefault({})
      .describe("What all images have in common"),
    images: someOf(word(formats.IMAGE_NAME), imageSchema, "image").describe(
      "The images: each name is a repository under the registry's namespace",
    ),
  })
  .meta(neededUnlessExtending(["registry", "platforms", "sources"]));

/** The catalog file once it has been read and its shape found good. */
export type CatalogFile = z.infer<typeof catalogSchema>;

/** One image of the catalog file. */
export type ImageFile = z.infer<typeof imageSchema>;

/** One version of an image in the catalog file. */
export type VersionFile = z.infer<typeof versionSchema>;
