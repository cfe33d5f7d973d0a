import { readFile } from "node:fs/promises";
import { isKeyFile, type Signing } from "../../model/signing.ts";
import type { Verification } from "../../report/site/site.ts";

/** Bytes of a public key that are believed to be one. */
const LARGEST_KEY = 10_000;

const PUBLIC_KEY = /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/;

/** How what a catalog signs is verified; undefined where it signs nothing. The public key is looked for beside the private one. */
export async function verificationOf(sign: Signing | undefined): Promise<Verification | undefined> {
  if (!sign) return undefined;
  if (sign.kind === "keyless") {
    return { kind: "keyless", subject: sign.identity?.subject, issuer: sign.identity?.issuer };
  }
  const text = isKeyFile(sign.key)
    ? await readFile(sign.key.replace(/\.key$/, ".pub"), "utf8").catch(() => "")
    : "";
  const isPublic = text.length < LARGEST_KEY && PUBLIC_KEY.test(text);
  return { kind: "key", publicKey: isPublic ? text : undefined, log: sign.log };
}
