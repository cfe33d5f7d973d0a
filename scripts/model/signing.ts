import { resolve } from "node:path";
import type { Written } from "./written.ts";

/** How published images are signed. */
export type Signing = (KeySigning | KeylessSigning) & {
  /** That signatures are as cosign 2 makes them, whatever release is at hand; else they are as it makes them by itself. */
  readonly bundle?: false;
  /** Who vouches and records, where it is not the public Sigstore. */
  readonly sigstore?: Sigstore;
};

interface KeySigning {
  readonly kind: "key";
  /** Path of cosign's private key, `env://VARIABLE`, or what a key management service calls it: `awskms://…`. */
  readonly key: string;
  /** Whether signatures are recorded in a transparency log too: the public one takes the internet. */
  readonly log: boolean;
}

interface KeylessSigning {
  readonly kind: "keyless";
  /** Who signs, where the catalog says it. */
  readonly identity?: Identity;
}

/** Who signed without a key, as Fulcio's certificate says. */
export interface Identity {
  /** Such as the URL of a workflow, or an address. */
  readonly subject: string;
  /** The URL of the identity provider. */
  readonly issuer: string;
}

/** A Sigstore of one's own: the paths of two files of JSON, as cosign makes them. */
export interface Sigstore {
  /** Where its services are. Source: sigstore/protobuf-specs, sigstore_trustroot.proto, `SigningConfig` */
  readonly signingConfig: string;
  /** By which keys they are known. Source: the same, `TrustedRoot` */
  readonly trustedRoot: string;
}

/** The block `sign` as a catalog file has it; without a key it is keyless. */
type SigningFile = Written<{
  key: string;
  identity: string;
  issuer: string;
  log: boolean;
  bundle: boolean;
  sigstore: Sigstore;
}>;

/** The signing of a catalog file's block. @param folder of the file, which its paths are relative to */
export function signingOf(file: SigningFile, folder: string): Signing {
  const { bundle, sigstore } = file;
  const path = (name: string) => resolve(folder, name);
  return {
    ...whoseOf(file, path),
    ...(bundle === false && { bundle }),
    ...(sigstore && {
      sigstore: {
        signingConfig: path(sigstore.signingConfig),
        trustedRoot: path(sigstore.trustedRoot),
      },
    }),
  };
}

function whoseOf(
  { key, identity, issuer, log = false }: SigningFile,
  path: (name: string) => string,
): KeySigning | KeylessSigning {
  if (key !== undefined) return { kind: "key", key: isKeyFile(key) ? path(key) : key, log };
  if (identity === undefined || issuer === undefined) return { kind: "keyless" };
  return { kind: "keyless", identity: { subject: identity, issuer } };
}

/**
 * The signing that the option `--sign` sets.
 * @param option a key as in the catalog, but its path from where we are; `keyless`; or `off`
 * @param written what the catalog says: kept where the option does not say otherwise
 */
export function signingFrom(option: string, written: Signing | undefined): Signing | undefined {
  if (option === "off") return undefined;
  const { bundle, sigstore } = written ?? {};
  const kept = { ...(bundle === false && { bundle }), ...(sigstore && { sigstore }) };
  if (option === "keyless") return written?.kind === "keyless" ? written : { kind: "keyless", ...kept };
  const log = written?.kind === "key" && written.log;
  // Without the log nothing is asked of a Sigstore.
  const { sigstore: _, ...alone } = kept;
  return { ...signingOf({ key: option, log }, "."), ...(log ? kept : alone) };
}

/** Whether a key is named by its path: other names have a colon, such as awskms:// and pkcs11:. */
export function isKeyFile(key: string): boolean {
  return !key.includes(":");
}
