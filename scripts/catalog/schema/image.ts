import { z } from "zod";
import { FILE_OWNERS, STOP_SIGNALS } from "../../model/configuration.ts";
import { REPOSITORIES } from "../../model/repositories.ts";
import * as formats from "./formats.ts";
import * as paths from "./paths.ts";
import { checkSchema, command, env, exampleSchema, smokeSchema, stopSchema } from "./proof.ts";
import { policySchema } from "./settings.ts";
import { bytes, date, neededUnlessExtending, oneLine, optional, someOf, word } from "./words.ts";

/** An image of a catalog, with its versions and variants. */

const packages = z
  .array(word(formats.WORLD_ITEM))
  .describe("Alpine packages, as apk's world names them: nodejs, nodejs~{{version}}, !nodejs-doc");

const budget = optional(
  bytes,
  "The most that this may weigh, compressed, for one platform: 30 MB; more fails the run",
);

const links = z.record(word(paths.ABSOLUTE_PATH), word(paths.LINK_TARGET));

const port = z
  .union([
    z.number().meta({ minimum: 1, maximum: 65535 }),
    z.string().meta({ pattern: formats.PORT.pattern.source }),
  ])
  .refine((value) => formats.PORT.pattern.test(String(value)), {
    error: ({ input }) => formats.PORT.advise(String(input)),
  })
  .transform(String);

const healthcheckSchema = z.strictObject({
  test: command.describe("The program that tells by its exit code: 0 is healthy; no shell reads it"),
  interval: optional(word(formats.TIME), "The time between two tests: 30s by default"),
  timeout: optional(word(formats.TIME), "After so long a test has failed: 30s by default"),
  startPeriod: optional(
    word(formats.TIME),
    "Tests that fail in the first so long do not count: 0s by default",
  ),
  retries: optional(
    z.int().min(1).max(100),
    "After so many failures the container is unhealthy: 3 by default",
  ),
});

const fileSchema = z
  .strictObject({
    from: optional(word(formats.FILE), "The file that is put there, from this catalog's folder"),
    text: optional(z.string(), "What is in it, taken as it is, instead of a file"),
    mode: word(formats.MODE).default("0644").describe("Its permissions, in quotes: 0644 by default"),
    owner: z.enum(FILE_OWNERS).default("root").describe("root, or user: the one that commands run as"),
  })
  .refine(({ from, text }) => (from === undefined) !== (text === undefined), {
    error: "expected either from or text",
  });

const devSchema = z.strictObject({
  packages: packages.default([]),
  env: env.default({}).describe("Environment variables of the image"),
  entrypoint: optional(command, "The image's entry point, one list item for each argument"),
  cmd: optional(command, "What runs when the consumer names no command"),
  workdir: optional(word(paths.ABSOLUTE_PATH), "The directory that commands start in"),
  links: links.default({}).describe("Symbolic links to make: path → what it points at"),
  files: z
    .record(word(paths.OWN_PATH), fileSchema)
    .default({})
    .describe("Files to put into the image, of at most 64 KiB: path → what is in it"),
  user: optional(
    word(formats.IMAGE_USER),
    "Who commands run as: root, nonroot, or a user that is made, app:1000 or app:1000:2000",
  ),
  labels: z
    .record(word(formats.LABEL_NAME), word(formats.LINE))
    .default({})
    .describe("Labels of the image: com.example.team → base"),
  expose: z.array(port).default([]).describe("The ports that the image listens on: 8080, 53/udp"),
  volumes: z
    .array(word(paths.OWN_PATH))
    .default([])
    .describe("Folders whose content outlives a container: made here, and the image's user may write there"),
  stopsignal: optional(z.enum(STOP_SIGNALS), "What asks the program to end: SIGTERM by default"),
  healthcheck: optional(healthcheckSchema, "How Docker finds out whether the program works"),
  budget,
});

const runtimeSchema = devSchema.extend({
  shell: optional(z.boolean(), "Add busybox's shell and tools; dev always has them"),
  remove: z
    .array(word(paths.PATH_PATTERN))
    .default([])
    .describe("Paths to remove once all packages are in, * and ? as in a shell: /usr/share/man"),
  jlink: optional(
    z.array(word(formats.JAVA_MODULE)).min(1),
    "Link a Java runtime of these modules of the JDK, instead of a JRE's package",
  ),
  bytecode: optional(
    z.boolean(),
    "Python only: compile its modules, which the user of the image could not keep; from 3.7 on",
  ),
  truststore: optional(
    z.boolean(),
    "Make Java's key store, /etc/ssl/certs/java/cacerts, of the CA certificates",
  ),
});

const repository = z.enum(REPOSITORIES);

const versionVariant = z.strictObject({
  packages: packages.default([]),
  env: optional(env, "Environment variables of this version, before those of the image"),
  links: optional(links, "Symbolic links of this version, before those of the image"),
  budget,
});

const OF_VERSION = "What this version has besides the packages of the image";

export const versionSchema = z.strictObject({
  branch: optional(word(formats.BRANCH), "The Alpine branch it is built on, such as 3.22, in quotes"),
  package: optional(word(formats.PACKAGE), "Instead of the image's package, in this version"),
  repository: optional(repository, "Instead of the image's repository, in this version"),
  eol: optional(date, "The day on which the language's makers end this version: 2027-04-30"),
  latest: optional(
    z.boolean(),
    "true gives this version the tag latest, false never; without it the newest has the tag",
  ),
  tags: z.array(word(formats.TAG)).default([]).describe("More tags for this version, such as lts"),
  example: optional(z.literal(false), "false: the example's app does not run on this version"),
  runtime: optional(
    versionVariant.extend({ bytecode: optional(z.boolean(), "Instead of the image's, in this version") }),
    OF_VERSION,
  ),
  dev: optional(versionVariant, OF_VERSION),
});

/** One image of the catalog. On its own, so that rules.ts can judge an image whose neighbour is broken. */
export const imageSchema = z
  .strictObject({
    extends: optional(
      word(formats.IMAGE_NAME),
      "Another image, of this catalog or of the one it extends: this one is that and more",
    ),
    title: optional(oneLine, "What people call it, such as Node.js"),
    description: optional(oneLine, "What the image is for, in one line"),
    package: optional(
      word(formats.PACKAGE),
      "The package whose installed version gives the exact tags, such as nodejs; wherever it stands in packages it must be held to the version: nodejs~{{version}}",
    ),
    repository: optional(
      repository,
      "The repository of Alpine that the package is in: community ends when the next branch comes; without it main",
    ),
    versions: optional(
      someOf(word(formats.VERSION_FORMAT), versionSchema, "version"),
      "The versions there are, such as 22, in quotes: each is a tag that never lies",
    ),
    runtime: runtimeSchema
      .prefault({})
      .describe("The image to run on: no package manager, no shell, user nonroot"),
    dev: devSchema
      .prefault({})
      .describe("The image to build with: plain Alpine with apk, a shell and build tools, user root"),
    debug: optional(
      z.boolean(),
      "true: each version has a third variant beside the pair, runtime with busybox's shell and tools: 22-debug",
    ),
    policy: optional(policySchema, "When this image is rebuilt, where it differs from the catalog's"),
    archived: optional(
      z.boolean(),
      "Whether its versions that have ended are built, where it differs from the catalog's",
    ),
    smoke: optional(smokeSchema, "How the image proves itself before it is published"),
    checks: z
      .record(word(formats.CHECK_NAME), checkSchema)
      .default({})
      .describe("What else the image proves, by name: time, tls"),
    stop: optional(
      stopSchema,
      "What SIGTERM, or the stopsignal, does to a program that is process 1 of a container",
    ),
    notes: optional(z.string().trim().min(1), "What else a user has to know, in Markdown, for the README"),
    news: optional(
      word(formats.PAGE_URL),
      "Where its makers tell what is new in a version, for the pull request that adds one",
    ),
    example: optional(
      exampleSchema,
      "How the app in examples/IMAGE is built and run: what its README says and the smoke test does",
    ),
  })
  .meta(neededUnlessExtending(["description", "package", "versions", "smoke"]));
