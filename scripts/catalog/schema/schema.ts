import { z } from "zod";
import { isDay } from "../../model/end-of-life.ts";
import { SCANNERS, SEVERITIES } from "../../model/gate.ts";
import { PLATFORMS } from "../../model/platform.ts";
import { REPOSITORIES } from "../../model/target.ts";
import { OCCASIONS, sendsJson } from "../../model/webhook.ts";
import * as formats from "./formats.ts";
import { templateProblem } from "./template.ts";

/**
 * The catalog file, as a maintainer writes it. The one definition: the TypeScript types, the validator
 * and `catalog.schema.json` (what editors read) are all made from it. What one value must look like is
 * said here; what several must be together is in rules.ts; what comes over from a catalog or an image that
 * another extends is in extend.ts.
 */

/**
 * A string of one of the formats, with that format's advice as its error. A number that quotes would not put
 * right, such as a size without a unit, has the same.
 */
function word({ pattern, advise }: formats.Format) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number" && !pattern.test(String(input)) ? advise(String(input)) : undefined,
    })
    .regex(pattern, { error: ({ input }) => advise(String(input)) });
}

/** A mapping that may not be empty. */
function someOf<Value extends z.ZodType>(key: z.ZodString, value: Value, what: string) {
  return z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length > 0, `expected at least one ${what}, found none`)
    .meta({ minProperties: 1 });
}

/** What must be there unless it is taken over from what is extended: for editors; rules.ts says it to people. */
function neededUnlessExtending(keys: readonly string[]) {
  return { anyOf: [{ required: ["extends"] }, { required: [...keys] }] };
}

/** A command as an argument array: `[node, --version]`. */
const command = z.array(word(formats.TEXT)).min(1);

const packages = z
  .array(word(formats.WORLD_ITEM))
  .describe("Alpine packages, as apk's world names them: nodejs, nodejs~{{version}}, !nodejs-doc");

const budget = word(formats.SIZE)
  .optional()
  .describe("The most that this may weigh, compressed, for one platform: 30 MB; more fails the run");

const links = z.record(word(formats.ABSOLUTE_PATH), word(formats.LINK_TARGET));

/** What people read, in one line: it stands in headings, tables and comments of Dockerfiles. */
const oneLine = z
  .string()
  .trim()
  .regex(/^[^\r\n]+$/, "expected one line of text");

const date = word(formats.DATE).refine(isDay, { error: "there is no such day" });

const devSchema = z.strictObject({
  packages: packages.default([]),
  env: z
    .record(word(formats.ENV_NAME), word(formats.LINE))
    .default({})
    .describe("Environment variables of the image"),
  entrypoint: command.optional().describe("The image's entry point, one list item for each argument"),
  cmd: command.optional().describe("What runs when the consumer names no command"),
  workdir: word(formats.ABSOLUTE_PATH).optional().describe("The directory that commands start in"),
  links: links.default({}).describe("Symbolic links to make: path → what it points at"),
  budget,
});

const runtimeSchema = devSchema.extend({
  shell: z.boolean().optional().describe("Add busybox's shell and tools; dev always has them"),
  remove: z
    .array(word(formats.PATH_PATTERN))
    .default([])
    .describe("Paths to remove once all packages are in, * and ? as in a shell: /usr/share/man"),
  jlink: z
    .array(word(formats.JAVA_MODULE))
    .min(1)
    .optional()
    .describe("Link a Java runtime of these modules of the JDK, instead of a JRE's package"),
  truststore: z
    .boolean()
    .optional()
    .describe("Make Java's key store, /etc/ssl/certs/java/cacerts, of the CA certificates"),
});

const versionVariant = z
  .strictObject({
    packages: packages.default([]),
    links: links.optional().describe("Symbolic links of this version, before those of the image"),
    budget,
  })
  .optional()
  .describe("What this version has besides the packages of the image");

const versionSchema = z.strictObject({
  branch: word(formats.BRANCH)
    .optional()
    .describe("The Alpine branch it is built on, such as 3.22, in quotes"),
  package: word(formats.PACKAGE).optional().describe("Instead of the image's package, in this version"),
  eol: date.optional().describe("The day on which the language's makers end this version: 2027-04-30"),
  latest: z
    .boolean()
    .optional()
    .describe("true gives this version the tag latest, false never; without it the newest has the tag"),
  tags: z.array(word(formats.TAG)).default([]).describe("More tags for this version, such as lts"),
  example: z.literal(false).optional().describe("false: the example's app does not run on this version"),
  runtime: versionVariant,
  dev: versionVariant,
});

const smokeSchema = z.strictObject({
  version: command
    .optional()
    .describe("Prints the program's version; leave it out only where there is no program"),
  files: z
    .record(word(formats.FILE_NAME), z.string())
    .default({})
    .describe("Files put into the working directory first: name → content, taken as it is"),
  build: command.optional().describe("Run in dev before run, to compile what runtime then runs"),
  run: command.describe("Must print `hello, world`; run in runtime and in dev"),
});

const exampleSchema = z.strictObject({
  dependencies: command.optional().describe("Run in dev: fetches what the app depends on"),
  test: command.describe("Run in dev: the app's own tests"),
  build: command.optional().describe("Run in dev: compiles what runtime then runs"),
  run: command.describe("Run in runtime: the app"),
  output: z.string().trim().min(1).describe("What the app prints, to the letter"),
});

const policySchema = z.strictObject({
  for: z
    .enum(["anything", "security"])
    .optional()
    .describe(
      "security: of packages and base images that moved, only what fixes a known vulnerability counts",
    ),
  notWithin: word(formats.DURATION)
    .optional()
    .describe("No two rebuilds within so many days, such as 7d, but for a new or changed image"),
  maxAge: word(formats.DURATION)
    .optional()
    .describe("A rebuild after so many days, such as 30d, whether anything moved or not"),
  keep: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("How many images of a tag are kept, the newest first; prune removes the others. 10 by default"),
});

const ecrSchema = z
  .strictObject({
    region: word(formats.REGION)
      .optional()
      .describe("The region of AWS, where the registry's host does not say it"),
    scanOnPush: z
      .boolean()
      .optional()
      .describe("Whether ECR looks for vulnerabilities in what is pushed: true by default"),
    encryption: z.enum(["AES256", "KMS"]).optional().describe("How ECR encrypts images: AES256 by default"),
    kmsKey: word(formats.LINE).optional().describe("The ARN of the key, with encryption: KMS"),
    repositoryPolicy: word(formats.LINE)
      .optional()
      .describe("A file of JSON, from this catalog's folder: who may pull from each repository that is made"),
    untaggedDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe("Days that an image without a tag stays: 14 by default"),
  })
  .refine(({ encryption, kmsKey }) => kmsKey === undefined || encryption !== "AES256", {
    error: "a kmsKey goes with encryption: KMS",
  });

const signSchema = z
  .strictObject({
    key: word(formats.SIGNING_KEY)
      .optional()
      .describe("cosign's private key: a file, from this catalog's folder, env://VARIABLE, or awskms://…"),
    keyless: z
      .literal(true)
      .optional()
      .describe("true: sign as who runs this, such as a workflow, with a certificate of Sigstore's"),
    identity: word(formats.LINE).optional().describe("keyless: who signs, such as the URL of the workflow"),
    issuer: word(formats.LINE).optional().describe("keyless: the URL of the one that vouches for who signs"),
    log: z
      .boolean()
      .optional()
      .describe("With a key: true records signatures in Sigstore's public log too, which takes the internet"),
  })
  .refine(({ key, keyless }) => (key === undefined) !== (keyless === undefined), {
    error: "expected either key or keyless: true",
  })
  .refine(({ keyless, identity, issuer }) => keyless || (identity === undefined && issuer === undefined), {
    error: "identity and issuer are of keyless signatures; leave them out beside key",
  })
  .refine(({ identity, issuer }) => (identity === undefined) === (issuer === undefined), {
    error: "identity and issuer only mean something together: give both, or neither",
  })
  .refine(({ keyless, log }) => !keyless || log === undefined, {
    error: "keyless signatures are always in the log; leave log out",
  })
  .meta({ oneOf: [{ required: ["key"] }, { required: ["keyless"] }] });

const gateSchema = z.strictObject({
  scanner: z
    .enum(["auto", ...SCANNERS])
    .optional()
    .describe("What looks for vulnerabilities; auto: trivy, or else grype, whichever is installed"),
  severity: z
    .enum(SEVERITIES)
    .optional()
    .describe("The mildest that stops an image, where Alpine has no fix for it; without this, high"),
  required: z.boolean().optional().describe("true: without a scanner on the machine nothing is published"),
  exceptions: z
    .array(
      z.strictObject({
        id: word(formats.VULNERABILITY).describe("The vulnerability, such as CVE-2024-9143"),
        image: word(formats.IMAGE_NAME).optional().describe("Only in this image; without it in any"),
        package: word(formats.PLAIN_PACKAGE).optional().describe("Only in this package; without it in any"),
        reason: z
          .string()
          .trim()
          .regex(/\S/, "expected a sentence, found nothing")
          .describe("Why it may stand"),
        until: date.describe("The last day on which it may stand: 2027-05-01"),
      }),
    )
    .optional()
    .describe("What may stand for a while, each with a reason and its end"),
});

const cleanSchema = z.strictObject({
  layouts: word(formats.DURATION)
    .optional()
    .describe("Layouts that have not been built for so many days go, such as 7d"),
  disk: word(formats.SIZE)
    .optional()
    .describe(
      "The most that layouts may take, such as 20 GB, and the engine's build cache too: the oldest go",
    ),
  runs: z
    .number()
    .refine((number) => Number.isInteger(number) && number > 0, "expected a whole number of at least 1")
    .meta({ minimum: 1, multipleOf: 1 })
    .optional()
    .describe("How many runs are remembered"),
});

const webhookSchema = z
  .strictObject({
    url: word(formats.WEBHOOK).describe(
      "Where it is sent, by POST: a URL, or env://VARIABLE where that is a secret",
    ),
    when: z
      .enum(OCCASIONS)
      .optional()
      .describe(
        "failure: what did not end with 0 or 3; fixes: what closed a vulnerability; without it, failure",
      ),
    template: z
      .string()
      .regex(/\S/, "expected a template, found nothing")
      .optional()
      .describe(
        "What is sent, in Handlebars' language, with values as {{json text}}; without it, what chats take",
      ),
    headers: z
      .record(word(formats.HEADER_NAME), word(formats.HEADER_VALUE))
      .optional()
      .describe("HTTP headers: name → value, or env://VARIABLE where that is a secret"),
  })
  .superRefine(({ template, headers = {} }, context) => {
    const problem = template === undefined ? undefined : templateProblem(template, sendsJson(headers));
    if (problem !== undefined) context.addIssue({ code: "custom", path: ["template"], message: problem });
  });

/** One image of the catalog. On its own, so that rules.ts can judge an image whose neighbour is broken. */
export const imageSchema = z
  .strictObject({
    extends: word(formats.IMAGE_NAME)
      .optional()
      .describe("Another image, of this catalog or of the one it extends: this one is that and more"),
    title: oneLine.optional().describe("What people call it, such as Node.js"),
    description: oneLine.optional().describe("What the image is for, in one line"),
    package: word(formats.PACKAGE)
      .optional()
      .describe(
        "The package whose installed version gives the exact tags, such as nodejs; wherever it stands in packages it must be held to the version: nodejs~{{version}}",
      ),
    versions: someOf(word(formats.VERSION_FORMAT), versionSchema, "version")
      .optional()
      .describe("The versions there are, such as 22, in quotes: each is a tag that never lies"),
    runtime: runtimeSchema
      .prefault({})
      .describe("The image to run on: no package manager, no shell, user nonroot"),
    dev: devSchema
      .prefault({})
      .describe("The image to build with: plain Alpine with apk, a shell and build tools, user root"),
    policy: policySchema
      .optional()
      .describe("When this image is rebuilt, where it differs from the catalog's"),
    smoke: smokeSchema.optional().describe("How the image proves itself before it is published"),
    example: exampleSchema
      .optional()
      .describe(
        "How the app in examples/IMAGE is built and run: what its README says and the smoke test does",
      ),
  })
  .meta(neededUnlessExtending(["description", "package", "versions", "smoke"]));

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
  .optional()
  .describe("What every image of this variant has");

const renamedSchema = z
  .record(word(formats.PLAIN_PACKAGE), z.record(word(formats.BRANCH), z.array(word(formats.PLAIN_PACKAGE))))
  .default({})
  .describe(
    "What packages were called on older branches: name → the last branch of it → the names there, none where it was not needed",
  );

export const catalogSchema = z
  .strictObject({
    extends: word(formats.CATALOG_FILE)
      .optional()
      .describe("Another catalog: what is not said here is as there, and its images can be extended"),
    registry: word(formats.REGISTRY).optional().describe("Where images are published: HOST[:PORT]/NAMESPACE"),
    platforms: z
      .array(z.enum(PLATFORMS))
      .min(1)
      .refine((platforms) => new Set(platforms).size === platforms.length, "expected each platform once")
      .meta({ uniqueItems: true })
      .optional()
      .describe(
        "The platforms that images are built for, where Alpine has the packages; update looks at the first",
      ),
    sources: z
      .strictObject({
        base: word(formats.REPOSITORY).describe("Repository of Alpine's base image; the branch is its tag"),
        packages: word(formats.MIRROR_URL).describe(
          "URL of an Alpine package mirror, the folder that holds v3.22/",
        ),
        auth: z
          .boolean()
          .optional()
          .describe(
            "true: the mirror wants Basic authentication; HTTP_AUTH of the environment has it, as for apk: basic:*:USER:PASSWORD",
          ),
        keys: word(formats.FOLDER)
          .optional()
          .describe("Folder of the mirror's public keys, *.pub; without it Alpine's own"),
        security: word(formats.MIRROR_URL)
          .optional()
          .describe("URL of Alpine's list of security fixes, the folder that holds v3.22/main.json"),
        releases: word(formats.LOCATION)
          .optional()
          .describe("Alpine's releases.json, as a URL or a file: what `update` takes branches and ends from"),
      })
      .optional()
      .describe("Where Alpine comes from"),
    policy: policySchema.optional().describe("When images are rebuilt"),
    sign: signSchema.optional().describe("How published images are signed, with cosign"),
    ecr: ecrSchema.optional().describe("How repositories are made, where the registry is Amazon ECR"),
    gate: gateSchema.optional().describe("Which known vulnerabilities keep an image from being published"),
    clean: cleanSchema.optional().describe("What bounds the disk that layouts, runs and build caches take"),
    notify: z.array(webhookSchema).optional().describe("Who is told how runs ended: webhooks"),
    branches: z
      .record(
        word(formats.BRANCH),
        z.strictObject({
          eol: date.describe("The day on which Alpine ends its support"),
          repositories: z
            .array(z.enum(REPOSITORIES))
            .min(1)
            .refine((names) => new Set(names).size === names.length, "expected each repository once")
            .meta({ uniqueItems: true })
            .optional()
            .describe("The repositories that the mirror has of it, where not both: [main]"),
        }),
      )
      .optional()
      .describe("The branches of Alpine that there are, and when each ends"),
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
      .strictObject({ runtime: defaultsSchema, dev: defaultsSchema })
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
