import { z } from "zod";
import { PLATFORMS } from "../alpine/platform.ts";
import * as formats from "./formats.ts";

/**
 * The catalog file, as a maintainer writes it. The one definition: the TypeScript types, the validator
 * and `catalog.schema.json` (what editors read) are all made from it. What one value must look like is
 * said here; what several must be together is in rules.ts.
 */

/** A string of one of the formats, with that format's advice as its error. */
function word(format: formats.Format) {
  return z.string().regex(format.pattern, { error: (issue) => format.advise(String(issue.input)) });
}

/** A mapping that may not be empty. */
function someOf<Value extends z.ZodType>(key: z.ZodString, value: Value, what: string) {
  return z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length > 0, `expected at least one ${what}, found none`)
    .meta({ minProperties: 1 });
}

/** A command as an argument array: `[node, --version]`. */
const command = z.array(word(formats.TEXT)).min(1);

const packages = z
  .array(word(formats.WORLD_ITEM))
  .describe("Alpine packages, as apk's world names them: nodejs, nodejs~{{version}}, !nodejs-doc");

const devSchema = z.strictObject({
  packages: packages.default([]),
  env: z
    .record(word(formats.ENV_NAME), word(formats.LINE))
    .default({})
    .describe("Environment variables of the image"),
  entrypoint: command.optional().describe("The image's entry point, one list item for each argument"),
  cmd: command.optional().describe("What runs when the consumer names no command"),
  workdir: word(formats.ABSOLUTE_PATH).optional().describe("The directory that commands start in"),
  links: z
    .record(word(formats.ABSOLUTE_PATH), word(formats.LINK_TARGET))
    .default({})
    .describe("Symbolic links to make: path → what it points at"),
});

const runtimeSchema = devSchema.extend({
  shell: z.boolean().default(false).describe("Add busybox's shell and tools; dev always has them"),
});

const morePackages = z
  .strictObject({ packages: packages.default([]) })
  .optional()
  .describe("What this version has besides the packages of the image");

const versionSchema = z.strictObject({
  branch: word(formats.BRANCH).describe("The Alpine branch it is built on, such as 3.22, in quotes"),
  latest: z
    .boolean()
    .optional()
    .describe("true gives this version the tag latest, false never; without it the newest has the tag"),
  tags: z.array(word(formats.TAG)).default([]).describe("More tags for this version, such as lts"),
  runtime: morePackages,
  dev: morePackages,
});

const smokeSchema = z.strictObject({
  version: command
    .optional()
    .describe("Prints the program's version; leave it out only where there is no program"),
  files: z
    .record(z.string().regex(/^[^/\0]+$/, "expected the name of a file, without a folder"), z.string())
    .default({})
    .describe("Files put into the working directory first: name → content, taken as it is"),
  build: command.optional().describe("Run in dev before run, to compile what runtime then runs"),
  run: command.describe("Must print `hello, world`; run in runtime and in dev"),
});

/** One image of the catalog. On its own, so that rules.ts can judge an image whose neighbour is broken. */
export const imageSchema = z.strictObject({
  description: z
    .string()
    .trim()
    .regex(/^[^\r\n]+$/, "expected one line of text")
    .describe("What the image is for, in one line"),
  package: word(formats.PACKAGE).describe(
    "The package whose installed version gives the exact tags, such as nodejs; wherever it stands in packages it must be held to the version: nodejs~{{version}}",
  ),
  versions: someOf(word(formats.VERSION), versionSchema, "version").describe(
    "The versions there are, such as 22, in quotes: each is a tag that never lies",
  ),
  runtime: runtimeSchema
    .prefault({})
    .describe("The image to run on: no package manager, no shell, user nonroot"),
  dev: devSchema
    .prefault({})
    .describe("The image to build with: plain Alpine with apk, a shell and build tools, user root"),
  smoke: smokeSchema.describe("How the image proves itself before it is published"),
});

/** They make a layer that all images share, so they cannot depend on a version. */
const defaultsSchema = z
  .strictObject({
    packages: z
      .array(
        word(formats.WORLD_ITEM).refine((item) => !item.includes("{{"), {
          error: "no {{placeholder}} may stand here: all images share these packages",
        }),
      )
      .default([])
      .describe("Alpine packages, the same for every image and version"),
  })
  .prefault({})
  .describe("What every image of this variant has");

export const catalogSchema = z.strictObject({
  registry: word(formats.REGISTRY).describe("Where images are published: HOST[:PORT]/NAMESPACE"),
  platforms: z
    .array(z.enum(PLATFORMS))
    .min(1)
    .refine((platforms) => new Set(platforms).size === platforms.length, "expected each platform once")
    .meta({ uniqueItems: true })
    .describe("The platforms that every image is built for"),
  sources: z
    .strictObject({
      base: word(formats.REPOSITORY).describe("Repository of Alpine's base image; the branch is its tag"),
      packages: word(formats.MIRROR_URL).describe(
        "URL of an Alpine package mirror, the folder that holds v3.22/",
      ),
    })
    .describe("Where Alpine comes from"),
  defaults: z
    .strictObject({ runtime: defaultsSchema, dev: defaultsSchema })
    .prefault({})
    .describe("What all images have in common"),
  images: someOf(word(formats.IMAGE_NAME), imageSchema, "image").describe(
    "The images: each name is a repository under the registry's namespace",
  ),
});

/** The catalog file once it has been read and its shape found good. */
export type CatalogFile = z.infer<typeof catalogSchema>;

/** One image of the catalog file. */
export type ImageEntry = z.infer<typeof imageSchema>;
