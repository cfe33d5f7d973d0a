import { createPublicKey, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, UserError } from "../../system/errors.ts";

/** Public keys by the name signatures call them, such as `alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub`. */
export type Keys = ReadonlyMap<string, KeyObject>;

/**
 * Public keys by the name of their file, of which the content is at hand.
 * @throws Error when one is none
 */
export function keysOf(files: Readonly<Record<string, string>>): Keys {
  return new Map(Object.entries(files).map(([name, text]) => [name, createPublicKey(text)] as const));
}

/**
 * The public keys (`*.pub`, PEM) of a directory such as `/etc/apk/keys`. A key's name is its file's name.
 *
 * @throws UserError when the directory cannot be read or a file in it is not a public key
 */
export function loadKeys(directory: string): Keys {
  const names = keyNames(directory);
  return new Map(names.map((name) => [name, loadKey(join(directory, name))]));
}

function keyNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".pub"))
      .sort();
  } catch (error) {
    throw new UserError(
      `${directory}: the public keys of the package mirror cannot be read: ${messageOf(error)}`,
      "name the directory that holds the mirror's *.pub files",
    );
  }
}

function loadKey(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file));
  } catch (error) {
    throw new UserError(
      `${file}: not a public key in PEM form: ${messageOf(error)}`,
      "replace it by the mirror's public key, or remove it",
    );
  }
}
