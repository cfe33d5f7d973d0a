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
/** The longest document that is read, in bytes: Alpine's largest have some 5 MB. */
const LONGEST = 32 * 1024 * 1024;
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
  /**
   * Keeps it for later runs, once it has been found good.
   * @param made milliseconds since 1970; 0 where it does not say
   */
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
    const plain = options.transport ?? createTransport({ idleTimeout: IDLE_TIMEOUT, maxAnswer: LONGEST });
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
    const { copy } = kept;
    const known = { newestSeen: kept.newestSeen, memory: memoryPath(path), latest };
    const response = await this.#send(url, kept);
    const { status, body, headers } = response;
    if (status === 304 && copy) return { ...copy, ...known, isKnown: true, keep: async () => {} };
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(badAnswer(status) + lastSeen(kept));
    const hash = sha256(body);
    return {
      ...{ bytes: body, sha256: hash, isKnown: hash === copy?.sha256, ...known },
      keep: (made) => keepCopy(path, body, validatorsOf(headers), made, latest),
    };
  }

  async #send(url: string, kept: Kept): Promise<HttpResponse> {
    const { signal, clock = systemClock, deadline = DEADLINE } = this.#options;
    const limit = AbortSignal.timeout(deadline);
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    const headers = kept.copy ? conditions(kept.copy.validators) : {};
    const request = { method: "GET", url: new URL(url), headers, signal: either };
    try {
      return await withRetries(() => this.#transport(request), RETRIES, clock, either);
    } catch (error) {
      signal?.throwIfAborted();
      const why = limit.aborted
        ? new Error(`the answer was not complete within ${deadline / 1000} s`)
        : error;
      throw new Error(noAnswer(why, new URL(url).origin) + lastSeen(kept), { cause: error });
    }
  }
}

/** Says from which day the newest copy is: so long the server may have been down. */
function lastSeen({ newestSeen }: Kept): string {
  return newestSeen === 0
    ? ""
    : `; the newest copy seen is from ${new Date(newestSeen).toISOString().slice(0, 10)}`;
}

function validatorsOf({ etag, "last-modified": lastModified }: HttpResponse["headers"]): Validators {
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
  };
}

function conditions({ etag, lastModified }: Validators): Record<string, string> {
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

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
async function keepCopy(
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
function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
