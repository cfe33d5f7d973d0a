import { resolve } from "node:path";

/** How published images are signed. */
export type Signing =
  | {
      readonly kind: "key";
      /** Path of cosign's private key, `env://VARIABLE`, or what a key management service calls it: `awskms://…`. */
      readonly key: string;
      /** Whether signatures are recorded in the public transparency log too, which takes the internet. */
      readonly log: boolean;
    }
  | {
      readonly kind: "keyless";
      /** Who signs, where the catalog says it. */
      readonly identity?: Identity;
    };

/** Who a keyless signature is by: what Fulcio wrote into its certificate. */
export interface Identity {
  /** Such as the URL of a workflow, or an address. */
  readonly subject: string;
  /** The URL of the one that vouches for it. */
  readonly issuer: string;
}

/** The block `sign` as a catalog file has it. */
export interface SigningFile {
  readonly key?: string | undefined;
  readonly keyless?: true | undefined;
  readonly identity?: string | undefined;
  readonly issuer?: string | undefined;
  readonly log?: boolean | undefined;
}

/** What a catalog's block comes to. @param folder where its file lies: a key's path is from there */
export function signingOf({ key, identity, issuer, log = false }: SigningFile, folder: string): Signing {
  if (key !== undefined) return { kind: "key", key: isKeyFile(key) ? resolve(folder, key) : key, log };
  if (identity === undefined || issuer === undefined) return { kind: "keyless" };
  return { kind: "keyless", identity: { subject: identity, issuer } };
}

/**
 * What the option `--sign` comes to.
 * @param option a key as in the catalog, but its path from where we are; `keyless`; or `off`
 * @param written what the catalog says: the option takes over what it does not say itself
 */
export function signingFrom(option: string, written: Signing | undefined): Signing | undefined {
  if (option === "off") return undefined;
  if (option === "keyless") return written?.kind === "keyless" ? written : { kind: "keyless" };
  return signingOf({ key: option, log: written?.kind === "key" && written.log }, ".");
}

/** Whether a key is named by its path: what else names one has a colon, as awskms:// and pkcs11: have. */
export function isKeyFile(key: string): boolean {
  return !key.includes(":");
}
