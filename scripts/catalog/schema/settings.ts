import { z } from "zod";
import { JUSTIFICATIONS, SCANNERS, SEVERITIES, STANDINGS } from "../../model/gate.ts";
import { nativePlatforms, type Runners } from "../../model/runners.ts";
import { OCCASIONS, sendsJson } from "../../model/webhook.ts";
import { definedOf } from "../../model/written.ts";
import * as addresses from "./addresses.ts";
import { format } from "./format.ts";
import * as formats from "./formats.ts";
import { templateProblem } from "./template.ts";
import { bytes, date, days, optional, soak, word } from "./words.ts";

/** What a catalog settles for all its images: when they are rebuilt, signed, stopped, cleaned and told of. */

/** How layers are compressed, and how hard. zstd's levels from 20 on want more memory than pullers like to give. */
export const COMPRESSION = format(
  /^(?:gzip(?::[1-9])?|zstd(?::(?:[1-9]|1\d))?)$/,
  "gzip or zstd, maybe with a level: gzip:1 to gzip:9, zstd:1 to zstd:19",
  [
    [/^gzip:/, "gzip has the levels 1 to 9"],
    [/^zstd:/, "zstd has the levels 1 to 19 here"],
    [/^(?:gzip|zstd)./, "a colon comes before the level"],
  ],
);

export const policySchema = z.strictObject({
  for: optional(
    z.enum(["anything", "security"]),
    "security: of packages and base images that moved, only what fixes a known vulnerability counts",
  ),
  notWithin: optional(
    days,
    "No two rebuilds within so many days, such as 7d, but for a new or changed image",
  ),
  maxAge: optional(days, "A rebuild after so many days, such as 30d, whether anything moved or not"),
  keep: optional(
    z.int().min(1).max(1000),
    "How many images of a tag are kept, the newest first; prune removes the others. 10 by default",
  ),
});

export const ecrSchema = z
  .strictObject({
    region: optional(word(addresses.REGION), "The region of AWS, where the registry's host does not say it"),
    scanOnPush: optional(
      z.boolean(),
      "Whether ECR looks for vulnerabilities in what is pushed: true by default",
    ),
    encryption: optional(z.enum(["AES256", "KMS"]), "How ECR encrypts images: AES256 by default"),
    kmsKey: optional(word(formats.LINE), "The ARN of the key, with encryption: KMS"),
    repositoryPolicy: optional(
      word(formats.LINE),
      "A file of JSON, from this catalog's folder: who may pull from each repository that is made",
    ),
    untaggedDays: optional(z.int().min(1).max(3650), "Days that an image without a tag stays: 14 by default"),
  })
  .refine(({ encryption, kmsKey }) => kmsKey === undefined || encryption !== "AES256", {
    error: "kmsKey needs encryption: KMS",
  });

export const signSchema = z
  .strictObject({
    key: optional(
      word(addresses.SIGNING_KEY),
      "cosign's private key: a file, from this catalog's folder, env://VARIABLE, or awskms://…",
    ),
    keyless: optional(
      z.literal(true),
      "true: sign as who runs this, such as a workflow, with a certificate of Sigstore's",
    ),
    identity: optional(word(formats.LINE), "keyless: who signs, such as the URL of the workflow"),
    issuer: optional(word(formats.LINE), "keyless: the URL of the one that vouches for who signs"),
    log: optional(
      z.boolean(),
      "With a key: true records signatures in a transparency log too, Sigstore's public one or that of sigstore",
    ),
    bundle: optional(
      z.boolean(),
      "false: signs as cosign 2 does, for those who verify with it; else cosign 3 attaches Sigstore's bundles",
    ),
    sigstore: optional(
      z.strictObject({
        signingConfig: word(formats.LINE).describe(
          "Where its services are: a file of cosign signing-config create, from this catalog's folder",
        ),
        trustedRoot: word(formats.LINE).describe(
          "By which keys they are known: a file of cosign trusted-root create, from this catalog's folder",
        ),
      }),
      "A Sigstore of one's own, which vouches and records in place of the public one; it takes cosign 3",
    ),
  })
  .refine(({ key, keyless }) => (key === undefined) !== (keyless === undefined), {
    error: "expected either key or keyless: true",
  })
  .refine(({ keyless, identity, issuer }) => keyless || (identity === undefined && issuer === undefined), {
    error: "identity and issuer are for keyless signatures only; remove them, or use keyless instead of key",
  })
  .refine(({ identity, issuer }) => (identity === undefined) === (issuer === undefined), {
    error: "set both identity and issuer, or neither",
  })
  .refine(({ keyless, log }) => !keyless || log === undefined, {
    error: "keyless signatures are always in the log; remove log",
  })
  .refine(({ keyless, log, sigstore }) => keyless || log || !sigstore, {
    error: "a key asks a Sigstore only to record signatures; add log: true, or remove sigstore",
  })
  .refine(({ bundle, sigstore }) => bundle !== false || !sigstore, {
    error: "cosign 2 knows of no Sigstore but the public one; remove bundle: false, or sigstore",
  })
  .meta({ oneOf: [{ required: ["key"] }, { required: ["keyless"] }] });

const exceptionSchema = z
  .strictObject({
    id: word(formats.VULNERABILITY).describe("The vulnerability, such as CVE-2024-9143"),
    image: optional(word(formats.IMAGE_NAME), "Only in this image; without it in any"),
    package: optional(word(formats.PLAIN_PACKAGE), "Only in this package; without it in any"),
    reason: z.string().trim().regex(/\S/, "expected a sentence, found nothing").describe("Why it may stand"),
    until: date.describe("The last day on which it may stand: 2027-05-01"),
    status: optional(
      z.enum(STANDINGS),
      "not_affected: it does not touch the image, and VEX says so; without this, accepted: it is borne for a while",
    ),
    justification: optional(z.enum(JUSTIFICATIONS), "Why it does not touch the image, in OpenVEX's word"),
  })
  .refine(({ status, justification }) => (status === "not_affected") === (justification !== undefined), {
    error: "status: not_affected and a justification go together: set both, or neither",
  });

export const gateSchema = z.strictObject({
  scanner: optional(
    z.enum(["auto", ...SCANNERS]),
    "What looks for vulnerabilities; auto: trivy, or else grype, whichever is installed",
  ),
  severity: optional(
    z.enum(SEVERITIES),
    "The mildest that stops an image, where Alpine has no fix for it; without this, high",
  ),
  required: optional(z.boolean(), "true: without a scanner on the machine nothing is published"),
  exceptions: optional(
    z.array(exceptionSchema),
    "What may stand for a while, each with a reason and its end",
  ),
});

const runner = optional(
  word(formats.RUNNER),
  "What the CI calls such machines, such as ubuntu-24.04-arm; emulated: an emulator on a machine of another platform",
);

export const runnersSchema = z
  .strictObject({ "linux/amd64": runner, "linux/arm64": runner })
  .refine(
    (runners) => nativePlatforms(definedOf(runners)).length > 0,
    "expected a machine, not only emulators",
  )
  .transform((runners): Runners => definedOf(runners));

export const promoteSchema = z.strictObject({
  soak: optional(
    soak,
    "How long a build must have stood in the registry that it comes from, such as 24h or 3d; without this it may go on at once",
  ),
  scan: optional(
    z.boolean(),
    "true: it is looked at for vulnerabilities once more, by the gate's rule, and stays where the gate would stop it",
  ),
});

export const cleanSchema = z.strictObject({
  layouts: optional(days, "Layouts that have not been built for so many days go, such as 7d"),
  disk: optional(
    bytes,
    "The most that layouts may take, such as 20 GB, and the engine's build cache too: the oldest go",
  ),
  runs: optional(
    z
      .number()
      .refine((number) => Number.isInteger(number) && number > 0, "expected a whole number of at least 1")
      .meta({ minimum: 1, multipleOf: 1 }),
    "How many runs are remembered",
  ),
});

export const webhookSchema = z
  .strictObject({
    url: word(addresses.WEBHOOK).describe(
      "Where it is sent, by POST: a URL, or env://VARIABLE where that is a secret",
    ),
    when: optional(
      z.enum(OCCASIONS),
      "failure: what did not end with 0 or 3; fixes: what closed a vulnerability; without it, failure",
    ),
    template: optional(
      z.string().regex(/\S/, "expected a template, found nothing"),
      "What is sent, in Handlebars' language, with values as {{json text}}; without it, what chats take",
    ),
    headers: optional(
      z.record(word(addresses.HEADER_NAME), word(addresses.HEADER_VALUE)),
      "HTTP headers: name → value, or env://VARIABLE where that is a secret",
    ),
  })
  .superRefine(({ template, headers = {} }, context) => {
    const problem = template === undefined ? undefined : templateProblem(template, sendsJson(headers));
    if (problem !== undefined) context.addIssue({ code: "custom", path: ["template"], message: problem });
  });
