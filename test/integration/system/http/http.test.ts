import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { HttpError, shownUrl } from "../../../../scripts/system/http/error.ts";
import { followRedirects } from "../../../../scripts/system/http/follow.ts";
import { createTransport } from "../../../../scripts/system/http/http.ts";
import { LIMITS } from "../../../../scripts/system/http/limits.ts";
import type { HttpRequest } from "../../../../scripts/system/http/message.ts";
import { HostileMirror } from "../../../support/hostile/mirror.ts";
import { freePort } from "../../../support/world.ts";

const env = {};
let mirror: HostileMirror;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-http-"));
  const files = new Map([["/document", Buffer.from("content")]]);
  mirror = await new HostileMirror({ files }).listen();
});
afterEach(async () => {
  await mirror.close();
  await rm(directory, { recursive: true });
});

const urlOf = (path = "/document") => new URL(`${mirror.url}${path}`);
const get = (more: Partial<HttpRequest> = {}, options: { idleTimeout?: number; maxAnswer?: number } = {}) =>
  createTransport({ env, ...options })({ method: "GET", url: urlOf(), ...more });
const failure = async (promise: Promise<unknown>): Promise<HttpError> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HttpError)) throw new Error(`expected an HttpError, and not ${error}`);
  return error;
};

describe("an answer", () => {
  it("comes with the address that gave it", async () => {
    const elsewhere = await new HostileMirror({
      files: new Map([["/document", Buffer.from("far")]]),
    }).listen();
    onTestFinished(() => elsewhere.close());
    mirror.world.elsewhere = elsewhere.url;
    mirror.cases.add("sends-elsewhere");
    const response = await followRedirects(createTransport({ env }))({ method: "GET", url: urlOf() });
    expect([response.status, response.body.toString(), response.url.href]).toEqual([
      200,
      "far",
      `${elsewhere.url}/document`,
    ]);
  });

  it("that is longer than what was asked for is given up as soon as it is", async () => {
    mirror.cases.add("endless");
    for (const more of [{ limit: 100_000 }, { limit: 100_000, saveTo: join(directory, "file") }]) {
      const { reason } = await failure(get(more));
      expect(reason).toMatch(/^the answer is longer than 100000 bytes/);
    }
    expect((await failure(get({}, { maxAnswer: 50_000 }))).reason).toMatch(/longer than 50000 bytes/);
    mirror.cases.clear();
    expect((await failure(get({ limit: 6 }))).reason).toMatch(/longer than 6 bytes/);
    expect((await get({ limit: 7 })).body.toString()).toBe("content");
  });

  it("that nobody reads is cut, and so is a refusal: it is no error", async () => {
    mirror.cases.add("page-of-angles");
    const refused = await get({ limit: 5 });
    expect([refused.status, refused.body.length]).toEqual([403, LIMITS.refusal]);
    mirror.cases.clear();
    mirror.cases.add("endless");
    const cut = await get({ limit: 70_000, mayCut: true });
    expect([cut.status, cut.body.length]).toEqual([200, 70_000]);
  });

  it("of which nothing is heard is given up, and one that comes byte by byte, too", async () => {
    mirror.cases.add("hangs");
    expect(await failure(get({}, { idleTimeout: 60 }))).toMatchObject({
      reason: "no data came for 0.06 s",
      mayPass: true,
    });
    mirror.cases.clear();
    mirror.cases.add("trickles");
    for (const saveTo of [undefined, join(directory, "file")]) {
      const slow = get({ deadline: 300, ...(saveTo !== undefined && { saveTo }) }, { idleTimeout: 400 });
      expect(await failure(slow)).toMatchObject({
        reason: "the answer was not complete within 0.3 s",
        mayPass: false,
      });
    }
  });

  it("of which a file is made is given up where it hardly moves, however long it may take", async () => {
    mirror.cases.add("trickles");
    const saveTo = join(directory, "file");
    expect(await failure(get({ saveTo, limit: 1e12 }, { idleTimeout: 150 }))).toMatchObject({
      reason: "less than 1024 bytes a second came for 0.15 s",
      mayPass: true,
    });
  });

  it("is saved to a file only where it is a good one", async () => {
    const saveTo = join(directory, "file");
    await get({ saveTo });
    expect(await readFile(saveTo, "utf8")).toBe("content");
    const missing = await get({ saveTo: join(directory, "other"), url: urlOf("/missing") });
    expect(missing.status).toBe(404);
    await expect(readFile(join(directory, "other"))).rejects.toThrow(/ENOENT/);
    const { reason, mayPass } = await failure(get({ saveTo: join(directory, "no/such/folder") }));
    expect([reason, mayPass]).toEqual([
      expect.stringMatching(/no such file or directory: cannot write/),
      false,
    ]);
  });

  it("is not waited for once the signal says so, in the middle of it or before it has a connection", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    mirror.cases.add("trickles");
    const waiting = Array.from({ length: LIMITS.connections + 4 }, () => get({ signal: controller.signal }));
    const settled = Promise.allSettled(waiting);
    await vi.waitFor(() => expect(mirror.seen).toHaveLength(LIMITS.connections));
    controller.abort(reason);
    expect(new Set((await settled).map((one) => (one.status === "rejected" ? one.reason : one)))).toEqual(
      new Set([reason]),
    );
    await expect(get({ signal: controller.signal })).rejects.toBe(reason);
    expect(mirror.seen).toHaveLength(LIMITS.connections);
  });
});

describe("a connection", () => {
  it("is used again, after a HEAD too, and there are not more than sixteen", async () => {
    const ports = new Set<number | undefined>();
    mirror.onConnection = (socket) => ports.add(socket.remotePort);
    for (const method of Array.from({ length: 10 }, (_, at) => (at % 2 ? "GET" : "HEAD")))
      await get({ method });
    // A request that follows at once may find the last one's connection not ready yet.
    expect(ports.size).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 100 }, (_, at) => get({ method: at % 2 ? "GET" : "HEAD" })));
    expect(ports.size).toBeLessThanOrEqual(LIMITS.connections);
  });

  it("that cannot be had is told with address and cause, in one line", async () => {
    const port = await freePort();
    const url = new URL(`http://robin:hunter2@127.0.0.1:${port}/a?token=hunter2`);
    expect(await failure(get({ url }))).toMatchObject({
      message: `http://127.0.0.1:${port}/a?…: connect ECONNREFUSED 127.0.0.1:${port}`,
      code: "ECONNREFUSED",
      mayPass: true,
    });
    expect(await failure(get({ url: new URL("file:///etc/passwd") }))).toMatchObject({ mayPass: false });
  });

  it("to something that speaks no HTTP is cleaned of what that says", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.end("\x1b[2J::error::hunter2\r\n\r\n");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { message } = await failure(get({ url: new URL(`http://127.0.0.1:${port}/`) }));
    expect(message).toMatch(/^http:\/\/127\.0\.0\.1:\d+: [ -~…]+$/);
  });
});

describe("what is sent", () => {
  it("has its length, from memory and from a file, and can be sent again", async () => {
    const path = join(directory, "blob");
    await writeFile(path, Buffer.alloc(3_000_000, "b"));
    const put = { method: "PUT", body: { path, size: 3_000_000 } };
    for (const more of [
      put,
      put,
      { method: "POST", body: new Uint8Array() },
      { method: "POST", body: Buffer.from("é") },
    ]) {
      await get(more);
    }
    expect(mirror.seen.map(({ headers, body }) => [headers["content-length"], body.length])).toEqual([
      ["3000000", 3_000_000],
      ["3000000", 3_000_000],
      ["0", 0],
      ["2", 2],
    ]);
    expect(mirror.seen.every(({ headers }) => headers["transfer-encoding"] === undefined)).toBe(true);
  });

  it("that has shrunk on the disk is an error, not a shorter blob", async () => {
    const path = join(directory, "blob");
    await writeFile(path, "short");
    await failure(get({ method: "PUT", body: { path, size: 3_000_000 } }));
    expect(mirror.seen).toEqual([]);
  });
});

describe("a redirect", () => {
  const to = (location: string, status = 307) => {
    const seen: HttpRequest[] = [];
    const transport = followRedirects(async (request) => {
      seen.push(request);
      const headers: Record<string, string> = seen.length === 1 ? { location } : {};
      return { status: seen.length === 1 ? status : 200, headers, body: Buffer.alloc(0), url: request.url };
    });
    return { seen, transport };
  };
  const secret = {
    authorization: "Basic hunter2",
    cookie: "hunter2",
    "x-api-key": "hunter2",
    "proxy-authorization": "hunter2",
    accept: "text/plain",
    "if-none-match": '"1"',
  };

  it("takes nothing that says who we are to another origin", async () => {
    for (const location of ["https://other.example/b", "//registry.example:444/b"]) {
      const { seen, transport } = to(location);
      await transport({ method: "GET", url: new URL("https://registry.example/a"), headers: secret });
      expect(seen[1]?.headers).toEqual({ accept: "text/plain", "if-none-match": '"1"' });
    }
    const { seen, transport } = to("/b");
    await transport({ method: "GET", url: new URL("https://registry.example/a"), headers: secret });
    expect(seen[1]).toMatchObject({ headers: secret, url: new URL("https://registry.example/b") });
  });

  it.each([
    ["http://registry.example/a", /Location.*leads from https to http/],
    ["http://other.example/a?token=hunter2", /Location.*leads from https to http/],
    ["file:///etc/passwd", /Location.*leads to an address of file:/],
    ["http://[", /Location.*holds no address/],
  ])("to %s is refused, and the header named", async (location, why) => {
    const { seen, transport } = to(location);
    const error = await failure(transport({ method: "GET", url: new URL("https://registry.example/a") }));
    expect(error.reason).toMatch(why);
    expect(error.message).not.toContain("hunter2");
    expect(error.mayPass).toBe(false);
    expect(seen).toHaveLength(1);
  });

  it("of what is written is not followed", async () => {
    const { seen, transport } = to("https://other.example/b");
    const response = await transport({ method: "PUT", url: new URL("https://registry.example/a") });
    expect([response.status, seen.length]).toEqual([307, 1]);
  });

  it("in a circle ends", async () => {
    mirror.cases.add("sends-in-circles");
    const response = await followRedirects(createTransport({ env }))({ method: "GET", url: urlOf() });
    expect([response.status, mirror.seen.length]).toEqual([302, LIMITS.redirects + 1]);
  });
});

it("shows of an address no user, no password and no query", () => {
  expect(shownUrl(new URL("https://robin:hunter2@h.example:444/a/b?sig=hunter2#x"))).toBe(
    "https://h.example:444/a/b?…",
  );
  expect(shownUrl(new URL("http://h.example"))).toBe("http://h.example");
});
