import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Clock, systemClock } from "../system/environment.ts";
import { writeWhole } from "../system/files/files.ts";
import { followRedirects } from "../system/http/follow.ts";
import { createTransport } from "../system/http/http.ts";
import { type RetryPolicy, withRetries } from "../system/http/limits.ts";
import type { HttpResponse, Transport } from "../system/http/message.ts";
import { tryJson } from "../system/json.ts";
import { badAnswer, noAnswer } from "./words.ts";

/** Long enough for a short outage, short enough for a person who waits. */
const RETRIES: RetryPolicy = {
  attempts: 4,
  firstDelay: 250,
  longestDelay: 4_000,
  longestRetryAfter: 30_000,
};
/** Milliseconds without a byte. */
const IDLE_TIMEOUT = 20_000;
/** Milliseconds for one document, whatever was tried: a server that sends a byte now and then is not idle. */
const DEADLINE = 180_000;
/** How far clocks may be apart, in milliseconds: a later time cannot be true. */
const SKEW = 24 * 60 * 60 * 1000;

/** A document that a server has. */
export interface Download {
  readonly bytes: Buffer;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Whether an earlier run found these very bytes good, and no newer ones since. */
  readonly isKnown: boolean;
  /** When the newest one that was ever kept was made; 0 where none was. */
  readonly newestSeen: number;
  /** The file in which that is remembered. */
  readonly memory: string;
  /** The latest that it can have been made, in milliseconds since 1970: now, and a day for clocks that differ. */
  readonly latest: number;
  /** Keeps it for later runs, once it has been found good. @param made as `latest`; 0 where it does not say */
  keep(made: number): Promise<void>;
}

export interface DownloaderOptions {
  /** Directory of the copies. */
  readonly cache: string;
  readonly signal?: AbortSignal;
  readonly transport?: Transport;
  /** What says to a server who we are, around what sends each request. */
  readonly authenticate?: ((transport: Transport) => Transport) | undefined;
  readonly clock?: Clock;
  /** Milliseconds for one document, whatever was tried. */
  readonly deadline?: number;
}

/** Fetches documents that seldom change, and keeps a copy of each, so that the server can answer "not modified". */
export class Downloader {
  readonly #options: DownloaderOptions;
  readonly #transport: Transport;

  constructor(options: DownloaderOptions) {
    this.#options = options;
    const plain = options.transport ?? createTransport({ idleTimeout: IDLE_TIMEOUT });
    this.#transport = followRedirects(options.authenticate?.(plain) ?? plain);
  }

  /**
   * The document at an address as it is now; undefined where there is none.
   * @throws Error in words when the server cannot be reached, or goes on failing; a copy of earlier runs is not
   *   used then, since it may be out of date
   */
  async get(url: string): Promise<Download | undefined> {
    const path = copyPath(this.#options.cache, url);
    const { clock = systemClock } = this.#options;
    const latest = clock.now() + SKEW;
    const kept = await readKept(path, latest);
    const { copy, newestSeen } = kept;
    const known = { newestSeen, memory: memoryPath(path), latest };
    const { status, body, headers } = await this.#send(url, kept);
    if (status === 304 && copy) return { ...copy, ...known, isKnown: true, keep: async () => {} };
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(badAnswer(status) + lastSeen(newestSeen));
    const hash = sha256(body);
    const validators = { etag: headers.etag, lastModified: headers["last-modified"] };
    return {
      ...known,
      bytes: body,
      sha256: hash,
      isKnown: hash === copy?.sha256,
      keep: (made) => keepCopy(path, body, { ...validators, sha256: hash, made }, latest),
    };
  }

  async #send(url: string, { copy, newestSeen }: Kept): Promise<HttpResponse> {
    const { signal, clock = systemClock, deadline = DEADLINE } = this.#options;
    const limit = AbortSignal.timeout(deadline);
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    const request = { method: "GET", url: new URL(url), headers: conditions(copy), signal: either };
    try {
      return await withRetries(() => this.#transport(request), RETRIES, clock, either);
    } catch (error) {
      signal?.throwIfAborted();
      const why = limit.aborted
        ? new Error(`the answer was not complete within ${deadline / 1000} s`)
        : error;
      throw new Error(noAnswer(why, request.url.origin) + lastSeen(newestSeen), { cause: error });
    }
  }
}

/** Says from which day the newest copy is: so long the server may have been down. */
function lastSeen(newest: number): string {
  return newest === 0 ? "" : `; the newest copy seen is from ${new Date(newest).toISOString().slice(0, 10)}`;
}

function conditions({ etag, lastModified }: Partial<Memory> = {}): Record<string, string> {
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

/**
 * What is known of a document from earlier runs, beside its copy. A server calls the document's state by the first two:
 * RFC 9110, section 8.8, "Validator Fields".
 */
const memorySchema = z.object({
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** Of the copy: one that was damaged is no copy. */
  sha256: z.string(),
  /** When what is in it was made, in milliseconds since 1970, by its own signed word. */
  made: z.number(),
});
type Memory = z.infer<typeof memorySchema>;

/** A document of earlier runs. */
interface Kept {
  /** Undefined where the copy is damaged, or was never kept. */
  readonly copy: (Memory & { readonly bytes: Buffer }) | undefined;
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
function memoryPath(path: string): string {
  return `${path}.json`;
}

/**
 * Reads what earlier runs kept; whatever is damaged counts as not there.
 * @param latest milliseconds since 1970: a document that says it was made later was believed by mistake once, and its
 *   time is forgotten
 */
async function readKept(path: string, latest: number): Promise<Kept> {
  const memory = await readMemory(path, latest);
  const bytes = memory && (await readFile(path).catch(() => undefined));
  const isWhole = bytes && sha256(bytes) === memory.sha256;
  return { newestSeen: memory?.made ?? 0, copy: isWhole ? { ...memory, bytes } : undefined };
}

/**
 * Keeps a document. The copy first: whoever reads in between finds one that does not fit its memory, and fetches
 * it anew. Another run may have seen a newer one by now, and that is not forgotten.
 */
async function keepCopy(path: string, bytes: Buffer, memory: Memory, latest: number): Promise<void> {
  await writeWhole(path, bytes);
  const { made = 0 } = (await readMemory(path, latest)) ?? {};
  const newer = { ...memory, made: Math.max(memory.made, made) };
  await writeWhole(memoryPath(path), JSON.stringify(newer));
}

async function readMemory(path: string, latest: number): Promise<Memory | undefined> {
  const text = await readFile(memoryPath(path), "utf8").catch(() => "");
  const memory = memorySchema.safeParse(tryJson(text)).data;
  return memory && memory.made > latest ? { ...memory, made: 0 } : memory;
}

/** In hexadecimal. */
function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
