import { readFile } from "node:fs/promises";
import { z } from "zod";
import { isKeyFile, type Signing } from "../../model/signing.ts";
import type { Verification } from "../../report/site/site.ts";

/** Bytes of a public key that are believed to be one. */
const LARGEST_KEY = 10_000;

const PUBLIC_KEY = /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/;

/** Bytes of a trusted root that are believed to be one: the public Sigstore's has seven thousand. */
const LARGEST_ROOT = 1_000_000;

const rootSchema = z.looseObject({
  mediaType: z.string().startsWith("application/vnd.dev.sigstore.trustedroot"),
});

/** How what a catalog signs is verified; undefined where it signs nothing. The public key is looked for beside the private one. */
export async function verificationOf(sign: Signing | undefined): Promise<Verification | undefined> {
  if (!sign) return undefined;
  const trustedRoot = sign.sigstore && (await readRoot(sign.sigstore.trustedRoot));
  return { ...(await whose(sign)), ...(trustedRoot !== undefined && { trustedRoot }) };
}

async function whose(sign: Signing): Promise<Verification> {
  if (sign.kind === "keyless") {
    return { kind: "keyless", subject: sign.identity?.subject, issuer: sign.identity?.issuer };
  }
  const text = isKeyFile(sign.key)
    ? await readFile(sign.key.replace(/\.key$/, ".pub"), "utf8").catch(() => "")
    : "";
  const isPublic = text.length < LARGEST_KEY && PUBLIC_KEY.test(text);
  return { kind: "key", publicKey: isPublic ? text : undefined, log: sign.log };
}

/** A trusted root, and never anything else that lies there. */
async function readRoot(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return text.length < LARGEST_ROOT && rootSchema.safeParse(JSON.parse(text)).success ? text : undefined;
  } catch {
    return undefined;
  }
}
