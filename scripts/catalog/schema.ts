import { z } from "zod";
import { PLATFORMS } from "../alpine/platform.ts";

/**
 * The catalog file, as a maintainer writes it. The one definition: the TypeScript types, the validator
 * and `catalog.schema.json` (what editors read) are all made from it.
 */

/** A command as an argument array: `[node, --version]`. */
const command = z.array(z.string()).min(1);

const variantSchema = z.strictObject({
  packages: z
    .array(z.string())
    .default([])
    .describe("Alpine packages, as apk's world names them; {{version}} stands for the version"),
  env: z.record(z.string(), z.string()).default({}).describe("Environment variables of the image"),
  entrypoint: command.optional().describe("The image's entry point"),
  cmd: command.optional().describe("What runs when the consumer names no command"),
  workdir: z.string().optional().describe("The directory that commands start in"),
  shell: z.boolean().default(false).describe("runtime only: add busybox's shell and tools"),
  links: z
    .record(z.string(), z.string())
    .default({})
    .describe("Symbolic links to make: path → what it points at"),
});

const versionSchema = z.strictObject({
  branch: z.string().describe("The Alpine branch it is built on, such as 3.22"),
  latest: z.boolean().optional().describe("Give this version the tag `latest`; otherwise the newest has it"),
  tags: z.array(z.string()).default([]).describe("More tags for this version, such as lts"),
});

const smokeSchema = z.strictObject({
  version: command.optional().describe("Prints the program's version; run where `package` is installed"),
  files: z.record(z.string(), z.string()).default({}).describe("Files put into the working directory first"),
  build: command.optional().describe("Run in dev before `run`, to compile what runtime then runs"),
  run: command.describe("Must print `hello, world`; run in runtime and in dev"),
});

const imageSchema = z.strictObject({
  description: z.string(),
  package: z.string().describe("The package whose installed version gives the exact tags, such as nodejs"),
  versions: z.record(z.string(), versionSchema),
  runtime: variantSchema,
  dev: variantSchema,
  smoke: smokeSchema,
});

export const catalogSchema = z.strictObject({
  registry: z.string().describe("Where images are published: HOST[:PORT]/NAMESPACE"),
  platforms: z.array(z.enum(PLATFORMS)).min(1),
  sources: z.strictObject({
    base: z.string().describe("Repository of Alpine's base image; the branch is its tag"),
    packages: z.string().describe("URL of an Alpine package mirror, the folder that holds v3.22/"),
  }),
  defaults: z.strictObject({
    runtime: z.strictObject({ packages: z.array(z.string()) }),
    dev: z.strictObject({ packages: z.array(z.string()) }),
  }),
  images: z.record(z.string(), imageSchema),
});

export type CatalogFile = z.infer<typeof catalogSchema>;
