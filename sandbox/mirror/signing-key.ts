import { generateKeyPairSync, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeWhole } from "../../scripts/system/files/files.ts";

/** What signs packages and indexes, and the public half that apk checks them with. */
export interface SigningKey {
  /** File name of the public key under /etc/apk/keys: signatures name it. */
  readonly name: string;
  /** PEM, as in /etc/apk/keys. */
  readonly publicKey: string;
  /** PEM. */
  readonly privateKey: string;
}

const KEY_NAME = "birdhouse-sandbox.rsa.pub";

/** A new key of 2048 bits. It protects nothing but a mirror on this machine: quick to make is good enough. */
export function createSigningKey(name = KEY_NAME): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { name, publicKey, privateKey };
}

/** The key kept in a directory, made there on first use. */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  const privatePath = join(directory, KEY_NAME.replace(/\.pub$/, ""));
  const publicPath = join(directory, KEY_NAME);
  try {
    const [privateKey, publicKey] = await Promise.all([
      readFile(privatePath, "utf8"),
      readFile(publicPath, "utf8"),
    ]);
    return { name: KEY_NAME, publicKey, privateKey };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const key = createSigningKey();
  await makeFolder(directory);
  await writeWhole(privatePath, key.privateKey, { mode: 0o600 });
  await writeWhole(publicPath, key.publicKey);
  return key;
}

/** RSA with SHA-1, PKCS #1: the only kind of signature that every apk 2 understands (`.SIGN.RSA.`). */
export function signWith(key: SigningKey, data: Uint8Array): Buffer {
  return sign("sha1", data, key.privateKey);
}
