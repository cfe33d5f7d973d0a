import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock } from "../scripts/system/environment.ts";

/** Sites served over HTTP on loopback. */
export interface FileServer {
  /** `http://127.0.0.1:5080`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a site answers to a request that it has something for. */
export interface SiteAnswer {
  /** Quoted, as it is in the header. */
  readonly etag: string;
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  readonly modified?: Date;
  /** Opens the content. Not called for a HEAD request. */
  open(): Readable;
}

/**
 * Something to be served below a path.
 * @param path decoded, and without a slash before it
 * @param origin where the client found the server: `http://127.0.0.1:5080`
 */
export type Site = (path: string, origin: string) => Promise<SiteAnswer | undefined>;

/**
 * Serves sites on 127.0.0.1, in this process.
 * @param sites path, with slashes around it → site; the first whose path a request begins with is asked
 * @param port 0 for any free one
 * @throws Error with code EADDRINUSE when something else listens there
 */
export async function serveSites(sites: Readonly<Record<string, Site>>, port: number): Promise<FileServer> {
  const server = createServer((request, response) => {
    answer(sites, request, response).catch(() => response.destroy());
  });
  // A connection that is kept is the client's to close: if it were ours, its next request could just miss us.
  server.keepAliveTimeout = 0;
  await listen(server, port);
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return {
    url: loopbackUrl(bound),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The same, but nothing where something else listens there: who that is, the caller finds out. */
export async function serveIfFree(
  sites: Readonly<Record<string, Site>>,
  port: number,
): Promise<FileServer | undefined> {
  try {
    return await serveSites(sites, port);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

/** Where a port of this machine is served, without a slash at the end. */
export function loopbackUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Milliseconds between two looks whether the port is free. */
const PAUSE = 100;

/**
 * Goes on serving when whoever serves the same has ended: that may be long before us.
 * @param port as `serveSites`, where something listens
 */
export function serveAfter(sites: Readonly<Record<string, Site>>, port: number): FileServer {
  const closing = new AbortController();
  const taking = (async () => {
    while (!closing.signal.aborted) {
      const server = await serveSites(sites, port).catch(() => undefined);
      if (server) return server;
      await systemClock.sleep(PAUSE, closing.signal).catch(() => {});
    }
    return undefined;
  })();
  return {
    url: loopbackUrl(port),
    async close() {
      closing.abort();
      await (await taking)?.close();
    },
  };
}

/** Serves the files of a directory: see serveSites. */
export async function serveDirectory(directory: string, port: number): Promise<FileServer> {
  return await serveSites({ "/": fileSite(directory) }, port);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function answer(
  sites: Readonly<Record<string, Site>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const found = await ask(sites, request);
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  const { etag, modified, size, type } = found;
  const headers = { etag, ...(modified && { "last-modified": modified.toUTCString() }) };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-length": size, "content-type": type });
  if (request.method === "HEAD") response.end();
  else await pipeline(found.open(), response);
}

async function ask(
  sites: Readonly<Record<string, Site>>,
  { url = "/", headers }: IncomingMessage,
): Promise<SiteAnswer | undefined> {
  const origin = `http://${headers.host ?? "127.0.0.1"}`;
  const path = decodedPath(url);
  const [at, site] = Object.entries(sites).find(([prefix]) => path?.startsWith(prefix)) ?? [];
  if (path === undefined || at === undefined || site === undefined) return undefined;
  return await site(path.slice(at.length), origin);
}

/** The path of a request's address; none where it is encoded wrongly. */
function decodedPath(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return undefined;
  }
}

/** The files of a directory, as they are. */
export function fileSite(directory: string): Site {
  return async (path) => {
    const found = await findInside(directory, path);
    if (!found?.stats.isFile()) return undefined;
    const { size, mtime: modified } = found.stats;
    return {
      etag: `"${size.toString(16)}-${modified.getTime().toString(16)}"`,
      type: "application/octet-stream",
      size,
      modified,
      open: () => createReadStream(found.path),
    };
  };
}

/** What a path below a directory leads to; nothing where it names nothing, or leads out of the directory. */
export async function findInside(directory: string, path: string) {
  try {
    const root = await realpath(directory);
    // Links are followed before the check, so that none of them leads outside either.
    const real = await realpath(join(root, path));
    return real.startsWith(root + sep) ? { path: real, stats: await stat(real) } : undefined;
  } catch {
    return undefined;
  }
}
