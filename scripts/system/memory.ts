import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import { writeWhole } from "./files/files.ts";

/** Characters of a key: SHA-256 in hexadecimal. */
const KEY_LENGTH = 64;

/**
 * What was kept under a key; undefined where nothing was, or under another, or where it is damaged. What is kept
 * is only ever a quicker way to the same.
 */
export async function recall(file: string, key: string): Promise<unknown> {
  try {
    const bytes = await readFile(file);
    if (bytes.toString("latin1", 0, KEY_LENGTH) !== key) return undefined;
    return deserialize(bytes.subarray(KEY_LENGTH));
  } catch {
    return undefined;
  }
}

/** Keeps a value (maps and sets too) under a key, instead of what was. Where the disk will not have it, nothing is. */
export async function keep(file: string, key: string, value: unknown): Promise<void> {
  await writeWhole(file, Buffer.concat([Buffer.from(key, "latin1"), serialize(value)])).catch(() => {});
}

/** A key made of several texts; where one ends and the next begins counts. */
export function hashOf(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
}
