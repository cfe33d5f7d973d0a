import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../system/files/files.ts";

/** What is known of a document from earlier runs, beside its copy. */
const memorySchema = z.object({
  etag: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
  /** Of the copy: one that was damaged is no copy. */
  sha256: z.string(),
  /** When what is in it was made, in milliseconds since 1970, by its own signed word. */
  made: z.number(),
});
type Memory = z.infer<typeof memorySchema>;

/** What a server calls the state of a document. Source: RFC 9110, section 8.8, "Validator Fields". */
export type Validators = Pick<Memory, "etag" | "lastModified">;

/** A document of earlier runs. */
export interface Kept {
  /** Undefined where the copy is damaged, or was never kept. */
  readonly copy?: { readonly bytes: Buffer; readonly sha256: string; readonly validators: Validators };
  /** When the newest that was ever kept was made, in milliseconds since 1970; 0 where none was. */
  readonly newestSeen: number;
}

/** The path of a document's copy, by host and path; what is in a URL of either stays below the cache. */
export function copyPath(cache: string, url: string): string {
  const { host, pathname } = new URL(url);
  const parts = [host.replace(":", "_"), ...pathname.split("/")].filter((part) => part !== "");
  return join(cache, ...parts.map((part) => part.replace(/[^\w.%+-]/g, "_").replace(/^\.+$/, "_")));
}

/** The file that holds what is known of a document, beside its copy. */
export function memoryPath(path: string): string {
  return `${path}.json`;
}

/**
 * Reads what earlier runs kept; whatever is damaged counts as not there.
 * @param latest milliseconds since 1970: a document that says it was made later was believed by mistake once, and its
 *   time is forgotten
 */
export async function readKept(path: string, latest: number): Promise<Kept> {
  const memory = await readMemory(path, latest);
  if (!memory) return { newestSeen: 0 };
  const { sha256: expected, made, ...validators } = memory;
  const bytes = await readFile(path).catch(() => undefined);
  const isWhole = bytes && sha256(bytes) === expected;
  return { newestSeen: made, ...(isWhole && { copy: { bytes, sha256: expected, validators } }) };
}

/**
 * Keeps a document. The copy first: whoever reads in between finds one that does not fit its memory, and fetches
 * it anew.
 * @param made see Memory; another run may have seen a newer one by now, and that is not forgotten
 * @param latest as in readKept
 * @throws FileError when the cache cannot be written
 */
export async function keepCopy(
  path: string,
  bytes: Buffer,
  validators: Validators,
  made: number,
  latest: number,
): Promise<void> {
  await writeWhole(path, bytes);
  const { made: before = 0 } = (await readMemory(path, latest)) ?? {};
  const memory: Memory = { ...validators, sha256: sha256(bytes), made: Math.max(made, before) };
  await writeWhole(memoryPath(path), JSON.stringify(memory));
}

async function readMemory(path: string, latest: number): Promise<Memory | undefined> {
  try {
    const memory = memorySchema.parse(JSON.parse(await readFile(memoryPath(path), "utf8")));
    return memory.made > latest ? { ...memory, made: 0 } : memory;
  } catch {
    return undefined;
  }
}

/** In hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
