import { resolve } from "node:path";
import type { Written } from "./written.ts";

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

/** Who signed without a key, as Fulcio's certificate says. */
export interface Identity {
  /** Such as the URL of a workflow, or an address. */
  readonly subject: string;
  /** The URL of the identity provider. */
  readonly issuer: string;
}

/** The block `sign` as a catalog file has it; without a key it is keyless. */
type SigningFile = Written<{ key: string; identity: string; issuer: string; log: boolean }>;

/** The signing of a catalog file's block. @param folder of the file, which a key's path is relative to */
export function signingOf({ key, identity, issuer, log = false }: SigningFile, folder: string): Signing {
  if (key !== undefined) return { kind: "key", key: isKeyFile(key) ? resolve(folder, key) : key, log };
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
  if (option === "keyless") return written?.kind === "keyless" ? written : { kind: "keyless" };
  return signingOf({ key: option, log: written?.kind === "key" && written.log }, ".");
}

/** Whether a key is named by its path: other names have a colon, such as awskms:// and pkcs11:. */
export function isKeyFile(key: string): boolean {
  return !key.includes(":");
}
