import { join } from "node:path";
import { z } from "zod";
import { canonicalJson, isPlainObject } from "../formats/oci/digest.ts";
import { parseDocument } from "../formats/oci/types.ts";
import type { Signing, Sigstore } from "../model/signing.ts";
import { isLoopback, registryUrl } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import type { ProcessResult } from "../system/process/process.ts";
import { TEST_RESULT } from "./test-result.ts";
import { OPENVEX } from "./vex.ts";

/**
 * The command lines of cosign 2 and 3, and what it prints. Pure.
 * Source: sigstore/cosign, doc/cosign_sign.md and its neighbours; tried with 2.5 and 3.1.
 */

/** One manifest or index in a registry. */
export interface Signed {
  /** `HOST[:PORT]` */
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
}

/** The kinds of statements that are made of an image, as cosign names them, and what in-toto calls each. */
export const PREDICATE_TYPES = {
  cyclonedx: "https://cyclonedx.org/bom",
  slsaprovenance1: "https://slsa.dev/provenance/v1",
  testresult: TEST_RESULT,
  openvex: OPENVEX,
} as const;
export type PredicateType = keyof typeof PREDICATE_TYPES;

/** The environment variable by which cosign is given the public key: so it need not lie in a file. */
export const PUBLIC_KEY_VARIABLE = "BIRDHOUSE_COSIGN_PUBLIC_KEY";

/** How a release of cosign signs. */
export type Manner =
  /** As Sigstore's bundles, attached to the image: since its release 3. */
  | { readonly kind: "bundle" }
  /** In tags beside the image. @property flags what this cosign must be told for it */
  | { readonly kind: "tags"; readonly flags: readonly string[] };

/** The flags by which something is signed. @param sigstore who is asked for a bundle, where it is not the public one */
export function signingFlags(signing: Signing, manner: Manner, sigstore?: Sigstore): string[] {
  const key = signing.kind === "key" ? ["--key", signing.key] : [];
  if (manner.kind === "bundle") return ["--yes", ...key, ...(sigstore ? servicesOf(sigstore) : [])];
  const log = signing.kind === "key" ? [`--tlog-upload=${signing.log}`] : [];
  return ["--yes", ...key, ...log, ...manner.flags];
}

function servicesOf({ signingConfig, trustedRoot }: Sigstore): string[] {
  return ["--signing-config", signingConfig, "--trusted-root", trustedRoot];
}

/** The flags by which a signature is known to be ours; undefined where nobody said whose it would be. */
export function verifyingFlags(signing: Signing): string[] | undefined {
  const root = signing.sigstore ? ["--trusted-root", signing.sigstore.trustedRoot] : [];
  if (signing.kind === "keyless") {
    const { identity } = signing;
    if (!identity) return undefined;
    const whose = ["--certificate-identity", identity.subject, "--certificate-oidc-issuer", identity.issuer];
    return [...whose, ...root];
  }
  // What is in no log cannot be looked up there.
  const log = signing.log ? [] : ["--insecure-ignore-tlog=true"];
  return ["--key", `env://${PUBLIC_KEY_VARIABLE}`, ...log, ...root];
}

/** Signs a manifest. @param recursive also all that an index leads to */
export function signArgv(signing: readonly string[], image: Signed, recursive: boolean): string[] {
  const which = recursive ? ["--recursive"] : [];
  return ["cosign", "sign", ...signing, ...which, ...place(image)];
}

/**
 * Signs a statement, whose predicate it reads from its standard input, and puts it beside the image.
 * @param replace whether those of the same type that are there already go
 */
export function attestArgv(
  signing: readonly string[],
  image: Signed,
  type: PredicateType,
  replace: boolean,
): string[] {
  // By cosign's own word for the type, it would rewrite the document, and drop what it does not know in it.
  const what = ["--type", PREDICATE_TYPES[type], "--predicate", "-"];
  const before = replace ? ["--replace"] : [];
  return ["cosign", "attest", ...signing, ...what, ...before, ...place(image)];
}

/**
 * Signs what it reads from its standard input, and sends the signature to no registry and no log.
 * @param folder for it
 */
export function trialArgv(signing: readonly string[], { kind }: Manner, folder: string): string[] {
  const bundle = kind === "bundle" ? ["--bundle", join(folder, "bundle.json")] : [];
  return ["cosign", "sign-blob", ...signing, ...bundle, "-"];
}

/** Checks a signature: the exit code is 0 where there is one. */
export function verifyArgv(verifying: readonly string[], image: Signed): string[] {
  return ["cosign", "verify", ...verifying, ...place(image)];
}

/** Prints the statements of a type whose signatures are good, an envelope on each line. */
export function verifyAttestationArgv(
  verifying: readonly string[],
  image: Signed,
  type: PredicateType,
): string[] {
  // It has no word of its own for the result of a test, and not every release one for VEX.
  const name = type === "testresult" || type === "openvex" ? PREDICATE_TYPES[type] : type;
  return ["cosign", "verify-attestation", ...verifying, "--type", name, ...place(image)];
}

function place({ registry, repository, digest }: Signed): string[] {
  // cosign's own idea of loopback is 127.0.0.1 only. Elsewhere plain HTTP is refused, as by our own client.
  const plain = isLoopback(registryUrl(registry)) ? ["--allow-http-registry"] : [];
  return [...plain, `${registry}/${repository}@${digest}`];
}

/** Runs cosign. */
export type Ask = (argv: readonly string[], input?: string) => Promise<ProcessResult>;

/**
 * What cosign 3 must be told to sign as cosign 2 does, where cosign of either release and `--replace` find it, and no list
 * of services is fetched that would have it logged.
 * Source: sigstore/cosign, CHANGELOG.md of 3.0.0 and 3.1.1; tried with 2.5 and 3.1 as Debian has them.
 */
const AS_BEFORE = ["--new-bundle-format=false", "--use-signing-config=false"];

/**
 * Finds out how the cosign that is here signs. It is asked by its own parser of flags: Debian's calls its version "devel",
 * and flags that are on their way out stand in no help.
 * @throws UserError where it knows no way to sign as we need it
 */
export async function mannerOf(signing: Signing, ask: Ask): Promise<Manner> {
  // With --help nothing is done; a flag that is not known ends it with an error all the same.
  const help = (...flags: string[]) => ask(["cosign", "sign", ...flags, "--help"]);
  if (signing.bundle !== false) {
    const { exitCode, stdout } = await help("--signing-config", "a", "--trusted-root", "b");
    // cosign 2.6 can do it too, but neither makes nor looks for it unless it is told.
    if (exitCode === 0 && !stdout.includes("--use-signing-config=false")) return { kind: "bundle" };
  }
  if (signing.sigstore) {
    throw new UserError(
      `${await versionOf(ask)} knows of no Sigstore but the public one, and sign.sigstore of the catalog names another`,
      "use cosign 3, or remove sign.sigstore",
    );
  }
  let said = "";
  for (const flags of [AS_BEFORE, []]) {
    const { exitCode, stderr } = await help(...flags, "--tlog-upload=false");
    if (exitCode === 0) return { kind: "tags", flags };
    said = errorIn(stderr);
  }
  throw new UserError(
    `${await versionOf(ask)} is not supported: ${said}`,
    "use cosign 2 or 3, or turn signing off with --sign off",
  );
}

/** `cosign 3.1.1`, as it calls itself. */
async function versionOf(ask: Ask): Promise<string> {
  const { stdout, stderr } = await ask(["cosign", "version"]);
  return `cosign ${/^GitVersion:\s*(\S+)/m.exec(`${stdout}\n${stderr}`)?.[1] ?? "of this version"}`;
}

/** What cosign says that went wrong, in its own words. */
export function errorIn(stderr: string): string {
  return /^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
}

/** What `cosign verify-attestation` prints for each statement (secure-systems-lab/dsse, envelope.md). */
const envelopeSchema = z.looseObject({ payload: z.base64() });

/** in-toto/attestation, spec/v1/statement.md */
const statementSchema = z.looseObject({ predicateType: z.string(), predicate: z.unknown() });

/** A statement that cosign verified. */
export interface Statement {
  /** As it was signed, in base64. */
  readonly payload: string;
  readonly predicate: unknown;
}

/** The statements of a type in what cosign printed. @throws Error when these are none */
export function statementsIn(printed: string, type: PredicateType): Statement[] {
  const lines = printed.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const { payload } = parseDocument(envelopeSchema, Buffer.from(line), "cosign's envelope");
    const bytes = Buffer.from(payload, "base64");
    const { predicateType, predicate } = parseDocument(statementSchema, bytes, "cosign's statement");
    return predicateType === PREDICATE_TYPES[type] ? [{ payload, predicate }] : [];
  });
}

/** Whether two predicates say the same. */
export function saySame(type: PredicateType, one: unknown, other: unknown): boolean {
  return gist(type, one) === gist(type, other);
}

/** Whether two lists of predicates say the same, whatever their order. */
export function listsSaySame(
  type: PredicateType,
  some: readonly unknown[],
  others: readonly unknown[],
): boolean {
  const texts = (list: readonly unknown[]) => list.map((predicate) => gist(type, predicate)).sort();
  return JSON.stringify(texts(some)) === JSON.stringify(texts(others));
}

/**
 * A predicate without what differs each time that it is made: a second build of the same image differs
 * only in its time.
 */
function gist(type: PredicateType, predicate: unknown): string {
  const document = asObject(predicate);
  if (type === "slsaprovenance1") {
    const { metadata: _, ...runDetails } = asObject(document.runDetails);
    return canonicalJson({ ...document, runDetails });
  }
  if (type === "openvex") {
    const { timestamp: _, ...vex } = document;
    return canonicalJson(vex);
  }
  const { serialNumber: _, ...bom } = document;
  const { timestamp: __, ...metadata } = asObject(document.metadata);
  return canonicalJson({ ...bom, metadata });
}

function asObject(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}
