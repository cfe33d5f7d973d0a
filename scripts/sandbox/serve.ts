import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { pipeline } from "node:stream/promises";

/** A directory served over HTTP on loopback. */
export interface FileServer {
  /** `http://127.0.0.1:5080`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the files of a directory on 127.0.0.1, in this process.
 * @param port 0 takes any that is free
 * @throws Error with code EADDRINUSE when something else listens there
 */
export async function serveDirectory(directory: string, port: number): Promise<FileServer> {
  const root = await realpath(directory);
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const found = await find(root, request.url ?? "/");
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  const { path, size, modified } = found;
  const etag = `"${size.toString(16)}-${modified.getTime().toString(16)}"`;
  const headers = { etag, "last-modified": modified.toUTCString() };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-length": size, "content-type": "application/octet-stream" });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(path), response);
}

interface Found {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly modified: Date;
}

/** The file that a request's path names; none where it names no file, or leads out of the root. */
async function find(root: string, requested: string): Promise<Found | undefined> {
  try {
    const { pathname } = new URL(requested, "http://localhost");
    // Links are followed before the check, so that none of them leads outside either.
    const path = await realpath(join(root, decodeURIComponent(pathname)));
    if (!path.startsWith(root + sep)) return undefined;
    const found = await stat(path);
    return found.isFile() ? { path, size: found.size, modified: found.mtime } : undefined;
  } catch {
    return undefined;
  }
}
