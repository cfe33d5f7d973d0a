import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTransport } from "../../../scripts/system/http/http.ts";
import { copyPath, Downloader, type DownloaderOptions } from "../../../scripts/upstream/download.ts";
import { FakeClock } from "../../support/fake-registry.ts";

const DAY = 86_400_000;

describe("a document", () => {
  let cache: string;
  let server: Server;
  let url: string;
  let requests: IncomingMessage[];
  let clock: FakeClock;
  /** What the server does. */
  let answer: RequestListener;

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "birdhouse-download-"));
    requests = [];
    clock = new FakeClock();
    server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/folder/document`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rm(cache, { recursive: true });
  });

  const get = (options: Partial<DownloaderOptions> = {}) =>
    new Downloader({ cache, clock, ...options }).get(url);
  const text = async () => (await get())?.bytes.toString();
  /** As a run that found it good. */
  const fetchAndKeep = async (made = 0) => (await get())?.keep(made);

  it("is asked for by its time where it has no tag", async () => {
    const lastModified = "Mon, 23 Nov 2026 00:00:00 GMT";
    answer = (request, response) => {
      if (request.headers["if-modified-since"] === lastModified) response.writeHead(304).end();
      else response.writeHead(200, { "last-modified": lastModified }).end("content");
    };
    await fetchAndKeep();
    expect(await text()).toBe("content");
    expect(requests.map(({ headers }) => headers["if-modified-since"])).toEqual([undefined, lastModified]);
  });

  it("that was not kept is fetched anew", async () => {
    answer = (_, response) => void response.writeHead(200, { etag: '"1"' }).end("bad");
    await get();
    await get();
    expect(requests.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, undefined]);
  });

  it("that the server does not send again, and of which there is no copy, is an error", async () => {
    answer = (_, response) => void response.writeHead(304).end();
    await expect(get()).rejects.toThrow("the server answers 304");
  });

  it.each<[string, RequestListener, number, RegExp]>([
    ["that never comes", () => {}, 4, /no data came for 0\.1 s/],
    [
      "that stops in the middle",
      (_, response) => void response.writeHead(200, { "content-length": "100" }).write("x"),
      ...([4, /no data came for 0\.1 s/] as const),
    ],
    [
      "whose connection breaks in the middle",
      (request, response) => {
        response.writeHead(200, { "content-length": "100" }).write("x", () => request.socket.destroy());
      },
      ...([4, /aborted|hang up|ECONNRESET/] as const),
    ],
    [
      "longer than any is",
      (_, response) => void response.writeHead(200).end("x".repeat(2000)),
      ...([4, /longer than 1000 bytes/] as const),
    ],
    [
      "that the server refuses",
      (_, response) => void response.writeHead(403).end(),
      1,
      /answers 403.*address/,
    ],
    ["that has passed away for long", (_, response) => void response.writeHead(410).end(), 1, /answers 410/],
    [
      "behind a redirection to itself",
      (_, response) => void response.writeHead(302, { location: url }).end(),
      ...([6, /answers 302/] as const),
    ],
    [
      "behind a redirection to a file of this machine",
      (_, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
      ...([1, /no answer.*file:/] as const),
    ],
  ])("%s is an error of one line", async (_, listener, attempts, why) => {
    answer = listener;
    const transport = createTransport({ idleTimeout: 100, maxAnswer: 1000 });
    const error = await get({ transport }).then(() => undefined, String);
    expect(error).toMatch(why);
    expect(error).not.toContain("\n");
    expect(requests).toHaveLength(attempts);
  });

  it("that comes byte by byte is given up in the end", async () => {
    answer = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(timer));
    };
    const { signal } = new AbortController();
    for (const options of [{}, { signal }]) {
      await expect(get({ deadline: 200, ...options })).rejects.toThrow(
        "the answer was not complete within 0.2 s",
      );
    }
    expect(requests).toHaveLength(2);
  });

  it("is waited for as long as the server says, but not for an hour", async () => {
    let wait = "7";
    answer = (_, response) => void response.writeHead(429, { "retry-after": wait }).end();
    await expect(get()).rejects.toThrow(/answers 429.*later/);
    expect(clock.sleeps).toEqual([7000, 7000, 7000]);
    wait = "3600";
    await expect(get()).rejects.toThrow("answers 429");
    expect(requests).toHaveLength(5);
  });

  it("of earlier runs says when it is from, and is no answer, while the server is away", async () => {
    clock.time = Date.UTC(2026, 10, 24);
    answer = (_, response) => void response.writeHead(200).end("content");
    await fetchAndKeep(Date.UTC(2026, 10, 23));
    answer = (_, response) => void response.writeHead(502).end();
    await expect(get()).rejects.toThrow(/answers 502 .*; the newest copy seen is from 2026-11-23$/);
  });

  it("ends with the run, with the reason of that", async () => {
    answer = () => controller.abort(new Error("interrupted"));
    const controller = new AbortController();
    await expect(get({ signal: controller.signal })).rejects.toThrow(/^interrupted$/);
  });

  it("is not waited for when the run ends", async () => {
    answer = (_, response) => void response.writeHead(503).end();
    const controller = new AbortController();
    let isWoken: boolean | undefined;
    const sleep = async (_: number, signal?: AbortSignal) => {
      controller.abort(new Error("interrupted"));
      isWoken = signal?.aborted;
    };
    await expect(get({ signal: controller.signal, clock: { ...clock, sleep } })).rejects.toThrow(
      "interrupted",
    );
    expect(isWoken).toBe(true);
    expect(requests).toHaveLength(1);
  });

  it("is whole after many runs at once, and nothing else is left", async () => {
    let count = 0;
    answer = (_, response) => void response.writeHead(200).end(`content ${count++}`.repeat(10_000));
    await Promise.all(Array.from({ length: 20 }, (_, day) => fetchAndKeep(day * DAY)));
    expect((await readdir(join(copyPath(cache, url), ".."))).toSorted()).toEqual([
      "document",
      "document.json",
    ]);
    expect((await get())?.newestSeen).toBeGreaterThan(0);
  });

  it("keeps what it knows of the newest, whatever is kept after", async () => {
    answer = (_, response) => void response.writeHead(200).end("content");
    // Two runs ask at once, and the one with the older answer ends last.
    const [older, newer] = [await get(), await get()];
    await newer?.keep(2 * DAY);
    await older?.keep(DAY);
    expect((await get())?.newestSeen).toBe(2 * DAY);
  });

  it("has its copy below the cache, whatever its address", () => {
    const below = [
      "http://h:80/../../a",
      "http://h/%2e%2e/a",
      "https://../a",
      "http://h/a%2F..%2Fb",
      "http://[::1]:8/a",
    ];
    for (const address of below) expect(copyPath("/cache", address)).toMatch(/^\/cache\/[^/]+\/[^/]+$/);
    expect(copyPath("/cache", "http://h:8080/a/b")).toBe("/cache/h_8080/a/b");
  });
});
