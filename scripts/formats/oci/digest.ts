import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The one digest algorithm that images use in practice: image-spec 1.1, "Digests". */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Whether the text is a sha256 digest, and so fit to become part of a path or a URL. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The hexadecimal half of a digest. @throws Error when it is not `sha256:` and 64 hexadecimal digits. */
export function hexOf(digest: string): string {
  if (!isDigest(digest)) throw new Error(`not a sha256 digest: ${JSON.stringify(digest)}`);
  return digest.slice("sha256:".length);
}

/** The digest of bytes in memory. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** What a content is known by; its size is in bytes. */
interface Content {
  readonly digest: string;
  readonly size: number;
}

/** A file's digest and its size in bytes, read as a stream. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Content> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE, signal })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** Bytes per read: large enough that hashing, not reading, takes the time. */
const READ_SIZE = 1024 * 1024;

/** @throws Error when the bytes are not what the descriptor says. `where` names the source in the message. */
export function verifyBytes(bytes: Uint8Array, expected: Content, where: string): void {
  verifyFound({ digest: digestOf(bytes), size: bytes.length }, expected, where);
}

/** As `verifyBytes`, of a digest and size already worked out. */
export function verifyFound(found: Content, expected: Content, where: string): void {
  if (found.digest === expected.digest && found.size === expected.size) return;
  throw new Error(
    `${where} is damaged: expected ${expected.digest} (${expected.size} bytes), ` +
      `found ${found.digest} (${found.size} bytes)`,
  );
}

/**
 * JSON whose bytes depend on the value alone: keys sorted, no white space. Digests are made of it, so the
 * order in which an object was put together must not show. Keys without a value are left out.
 */
export function canonicalJson(value: unknown): string {
  // Keys by code unit, not by locale: the same on every machine.
  const sorted = (object: object) =>
    Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(value, (_key, item: unknown) => (isPlainObject(item) ? sorted(item) : item));
}

/** An object of JSON: neither a list nor null. */
export function isPlainObject(item: unknown): item is Record<string, unknown> {
  return typeof item === "object" && item !== null && !Array.isArray(item);
}
