import { readdirSync } from "node:fs";
import { join } from "node:path";
import { keysOf } from "../../formats/alpine/keys.ts";
import type { FileContent } from "../../model/configuration.ts";
import { messageOf } from "../../system/errors.ts";
import { contentOf, contentProblem, readNamedFile } from "./contents.ts";

/** A file as apk has it below `/etc/apk/keys`: a signature names the key by it. */
const KEY_FILE = /^[\w.@+-]+\.pub$/;

/** The public keys of a folder by the names of their files, or, in words, why they are of no use. */
export function readKeyFolder(folder: string): Record<string, FileContent> | string {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".pub"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return `there is no such folder: ${folder}`;
    return code === "ENOTDIR" ? `${folder} is a file, expected a folder of keys` : messageOf(error);
  }
  if (names.length === 0) return `${folder} has no public keys, expected files that end in .pub`;
  const keys: Record<string, FileContent> = {};
  for (const name of names.sort()) {
    if (!KEY_FILE.test(name)) return `${name}: a key's name has letters, digits and any of .@+_- only`;
    const bytes = readNamedFile(join(folder, name));
    const problem = typeof bytes === "string" ? bytes : keyProblem(name, bytes);
    if (problem !== undefined) return problem;
    keys[name] = contentOf(Buffer.from(bytes));
  }
  return keys;
}

function keyProblem(name: string, bytes: Buffer): string | undefined {
  const problem = contentProblem(bytes);
  if (problem !== undefined) return `${name}: ${problem}`;
  try {
    keysOf({ [name]: bytes.toString("utf8") });
    return undefined;
  } catch (error) {
    return `${name} is not a public key in PEM: ${messageOf(error)}`;
  }
}
