import type { Identity, Signing } from "../../model/signing.ts";
import { isLoopback, registryUrl } from "../../registry/reference.ts";

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
} as const;
export type PredicateType = keyof typeof PREDICATE_TYPES;

/** What a signature is checked against. */
export type Verifier =
  | { readonly kind: "key"; readonly log: boolean }
  | { readonly kind: "keyless"; readonly identity: Identity };

/** The environment variable by which cosign is given the public key: so it need not lie in a file. */
export const PUBLIC_KEY_VARIABLE = "BIRDHOUSE_COSIGN_PUBLIC_KEY";

/** Prints the public half of a key. */
export function publicKeyArgv(key: string): string[] {
  return ["cosign", "public-key", "--key", key];
}

/**
 * Signs a manifest.
 * @param recursive also all that an index leads to
 * @param flags what this cosign needs besides, see `cosignFlags`
 */
export function signArgv(
  signing: Signing,
  image: Signed,
  recursive: boolean,
  flags: readonly string[] = [],
): string[] {
  const which = recursive ? ["--recursive"] : [];
  return ["cosign", "sign", ...signer(signing), ...flags, ...which, ...place(image)];
}

/** Signs what it reads from its standard input, and prints the signature: it goes to no registry and no log. */
export function trialArgv(key: string, flags: readonly string[] = []): string[] {
  return ["cosign", "sign-blob", ...signer({ kind: "key", key, log: false }), ...flags, "-"];
}

/**
 * Signs a statement, whose predicate it reads from its standard input, and puts it beside the image.
 * @param replace whether those of the same type that are there already go
 * @param flags as for `signArgv`
 */
export function attestArgv(
  signing: Signing,
  image: Signed,
  type: PredicateType,
  replace: boolean,
  flags: readonly string[] = [],
): string[] {
  // By cosign's own word for the type, it would rewrite the document, and drop what it does not know in it.
  const what = ["--type", PREDICATE_TYPES[type], "--predicate", "-"];
  return [
    ...["cosign", "attest", ...signer(signing), ...flags, ...what],
    ...[...(replace ? ["--replace"] : []), ...place(image)],
  ];
}

/** Checks a signature: the exit code is 0 where there is one. */
export function verifyArgv(verifier: Verifier, image: Signed): string[] {
  return ["cosign", "verify", ...proof(verifier), ...place(image)];
}

/** Prints the statements of a type whose signatures are good, an envelope on each line. */
export function verifyAttestationArgv(verifier: Verifier, image: Signed, type: PredicateType): string[] {
  return ["cosign", "verify-attestation", ...proof(verifier), "--type", type, ...place(image)];
}

function signer(signing: Signing): string[] {
  if (signing.kind === "keyless") return ["--yes"];
  return ["--yes", "--key", signing.key, `--tlog-upload=${signing.log}`];
}

function proof(verifier: Verifier): string[] {
  if (verifier.kind === "keyless") {
    const { subject, issuer } = verifier.identity;
    return ["--certificate-identity", subject, "--certificate-oidc-issuer", issuer];
  }
  // What is in no log cannot be looked up there.
  const log = verifier.log ? [] : ["--insecure-ignore-tlog=true"];
  return ["--key", `env://${PUBLIC_KEY_VARIABLE}`, ...log];
}

function place({ registry, repository, digest }: Signed): string[] {
  // cosign's own idea of loopback is 127.0.0.1 only. Elsewhere plain HTTP is refused, as by our own client.
  const plain = isLoopback(registryUrl(registry)) ? ["--allow-http-registry"] : [];
  return [...plain, `${registry}/${repository}@${digest}`];
}
