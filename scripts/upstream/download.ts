import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { createTransport, followRedirects, type Transport } from "../registry/http.ts";
import { type Clock, type RetryPolicy, systemClock, withRetries } from "../registry/retry.ts";
import { messageOf } from "../system/errors.ts";

/** A night's run can wait a little for a mirror, and a person not long. */
const RETRIES: RetryPolicy = {
  attempts: 4,
  firstDelay: 250,
  longestDelay: 4_000,
  longestRetryAfter: 30_000,
};
/** Milliseconds without a byte. */
const IDLE_TIMEOUT = 20_000;
/** The longest document that is read, in bytes: Alpine's largest have some 5 MB. */
const LONGEST = 32 * 1024 * 1024;

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

/** A document that a server has. */
export interface Download {
  readonly bytes: Buffer;
  /** When the newest one that was ever kept was made; 0 where none was. */
  readonly newestSeen: number;
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
  readonly clock?: Clock;
}

/** Fetches documents that seldom change, and keeps a copy of each, so that the server need only say so. */
export class Downloader {
  readonly #options: DownloaderOptions;
  readonly #transport: Transport;
  #requests = 0;

  constructor(options: DownloaderOptions) {
    this.#options = options;
    const plain = options.transport ?? createTransport({ idleTimeout: IDLE_TIMEOUT, maxAnswer: LONGEST });
    this.#transport = followRedirects((request) => {
      this.#requests++;
      return plain(request);
    });
  }

  /** How many requests were sent. */
  get requests(): number {
    return this.#requests;
  }

  /**
   * The document at an address as it is now; undefined where there is none.
   * @throws Error in words when the server cannot be reached, or goes on failing
   */
  async get(url: string): Promise<Download | undefined> {
    const path = this.#pathOf(url);
    const memory = await readMemory(path);
    const copy = memory && (await readCopy(path, memory));
    const { signal, clock = systemClock } = this.#options;
    const headers = copy ? conditions(memory) : {};
    const request = { method: "GET", url: new URL(url), headers, signal };
    const response = await withRetries(() => this.#transport(request), RETRIES, clock, signal).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        throw new Error(`no answer: ${messageOf(error)}`, { cause: error });
      },
    );
    const { status, body } = response;
    const newestSeen = memory?.made ?? 0;
    if (status === 304 && copy) return { bytes: copy, newestSeen, keep: async () => {} };
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`the server answers ${status}`);
    const { etag, "last-modified": lastModified } = response.headers;
    const keep = (made: number) =>
      write(path, body, {
        ...(etag !== undefined && { etag }),
        ...(lastModified !== undefined && { lastModified }),
        ...{ sha256: sha256(body), made: Math.max(made, newestSeen) },
      });
    return { bytes: body, newestSeen, keep };
  }

  /** By host and path; what a server could make of either stays below the cache. */
  #pathOf(url: string): string {
    const { host, pathname } = new URL(url);
    const parts = [host.replace(":", "_"), ...pathname.split("/")].filter((part) => part !== "");
    return join(this.#options.cache, ...parts.map((part) => part.replace(/[^\w.%+-]/g, "_")));
  }
}

function conditions({ etag, lastModified }: Memory): Record<string, string> {
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

async function readMemory(path: string): Promise<Memory | undefined> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(`${path}.json`, "utf8")));
  } catch {
    return undefined;
  }
}

async function readCopy(path: string, { sha256: expected }: Memory): Promise<Buffer | undefined> {
  const copy = await readFile(path).catch(() => undefined);
  return copy && sha256(copy) === expected ? copy : undefined;
}

/** The copy first: whoever reads in between finds one that does not fit its memory, and fetches it anew. */
async function write(path: string, body: Buffer, memory: Memory): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await replace(path, body);
  await replace(`${path}.json`, JSON.stringify(memory));
}

async function replace(path: string, content: Buffer | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
