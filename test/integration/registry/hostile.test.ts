import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { parseChallenges } from "../../../scripts/registry/auth.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import type { RegistryOptions } from "../../../scripts/registry/connection.ts";
import type { Credentials } from "../../../scripts/registry/credentials.ts";
import { readErrorBody } from "../../../scripts/registry/errors.ts";
import { nextLink } from "../../../scripts/system/http/follow.ts";
import { createTransport } from "../../../scripts/system/http/http.ts";
import { HEADER_LIMIT, LIMITS } from "../../../scripts/system/http/limits.ts";
import type { HttpRequest } from "../../../scripts/system/http/message.ts";
import { FakeClock, fewRetries } from "../../support/fake-registry.ts";
import { HostileRegistry } from "../../support/hostile/registry.ts";

const SECRET = "hunter2";
const BASIC = `Basic ${Buffer.from(`robin:${SECRET}`).toString("base64")}`;
const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const MANIFEST = { bytes: BYTES, mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES) };

async function hostile(
  world: ConstructorParameters<typeof HostileRegistry>[0] = {},
): Promise<HostileRegistry> {
  const server = await new HostileRegistry(world).listen();
  onTestFinished(() => server.close());
  return server;
}

function clientOf(
  { host }: Pick<HostileRegistry, "host">,
  { credentials, ...options }: Omit<RegistryOptions, "credentials"> & { credentials?: Credentials } = {},
): Registry {
  const transport = createTransport({ env: {} });
  const found = { source: "the test", ...(credentials && { credentials }) };
  const common = { transport, clock: new FakeClock(), retries: fewRetries };
  return new Registry(host, { ...common, credentials: async () => found, ...options });
}

const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no failure",
    (error: Error) => error.message,
  );

/** Everything that came to a server, in which a secret could be. */
const cameTo = ({ seen }: HostileRegistry) =>
  JSON.stringify(seen.map(({ url, headers, body }) => ({ url, headers, body: body.toString() })));
const hasSecret = (text: string) => text.includes(SECRET) || text.includes(BASIC.slice("Basic ".length));

describe("the password of a registry", () => {
  let registry: HostileRegistry;
  let elsewhere: HostileRegistry;
  let third: HostileRegistry;

  beforeEach(async () => {
    third = await hostile();
    third.cases.add("gives-tokens");
    elsewhere = await hostile({ realm: `${third.url}/steal`, authorization: BASIC });
    registry = await hostile({ elsewhere: elsewhere.url, authorization: BASIC, realm: `${third.url}/token` });
  });

  const PASSWORD = { username: "robin", password: SECRET };
  const TOKEN = { identityToken: SECRET };

  it.each([
    ["a password", PASSWORD, "asks-for-token"],
    ["a refresh token", TOKEN, "asks-for-token"],
    ["a password", PASSWORD, "wants-password"],
  ] as const)("(%s) goes nowhere that the server it redirects to names: %#", async (_, credentials, asks) => {
    elsewhere.cases.add(asks);
    registry.cases.add("sends-elsewhere");
    const client = clientOf(registry, { credentials });
    const blob = { mediaType: "x", digest: MANIFEST.digest, size: BYTES.length };
    for (const ask of [() => client.getManifest("a/b", "22"), () => client.getBlob("a/b", blob)]) {
      expect(await failure(ask())).toMatch(/HTTP 401/);
    }
    expect(elsewhere.seen.length).toBeGreaterThan(0);
    expect(third.seen).toEqual([]);
    expect(hasSecret(cameTo(elsewhere))).toBe(false);
    // Nor did it believe that it had been asked to log in.
    registry.cases.clear();
    await client.getManifest("a/b", "22");
    expect(hasSecret(cameTo(registry))).toBe(false);
  });

  it("that asked for it itself stays there when it redirects", async () => {
    registry.cases.add("wants-password").add("sends-elsewhere");
    await failure(clientOf(registry, { credentials: PASSWORD }).getManifest("a/b", "22"));
    expect(hasSecret(cameTo(registry))).toBe(true);
    expect(elsewhere.seen.length).toBeGreaterThan(0);
    expect(hasSecret(cameTo(elsewhere))).toBe(false);
  });

  it("goes to where the registry itself gets its tokens from, and no further when that redirects", async () => {
    registry.cases.add("wants-token");
    third.cases.clear();
    third.world.elsewhere = elsewhere.url;
    third.cases.add("sends-all-elsewhere");
    await failure(clientOf(registry, { credentials: PASSWORD }).getManifest("a/b", "22"));
    expect(hasSecret(cameTo(third))).toBe(true);
    expect(elsewhere.seen.length).toBeGreaterThan(0);
    expect(hasSecret(cameTo(elsewhere))).toBe(false);
  });

  it("stays there too when blobs are sent elsewhere, and when a list goes on elsewhere", async () => {
    registry.cases.add("wants-password").add("uploads-elsewhere").add("page-elsewhere");
    const client = clientOf(registry, { credentials: PASSWORD });
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-hostile-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, "blob"), BYTES);
    const blob = { path: join(directory, "blob"), digest: MANIFEST.digest, size: BYTES.length };
    await failure(client.uploadBlob("a/b", blob));
    expect(elsewhere.seen.length).toBeGreaterThan(0);
    const before = elsewhere.seen.length;
    expect(await failure(client.listTags("a/b"))).toMatch(
      /the header Link of its answer leads to another server/,
    );
    expect(elsewhere.seen).toHaveLength(before);
    expect(hasSecret(cameTo(elsewhere))).toBe(false);
  });
});

describe("a registry behind TLS whose upload's Location says http", () => {
  it.each(["http://registry.example/v2/a/b/blobs/uploads/1", "http://other.example/1"])(
    "is sent nothing: %s",
    async (location) => {
      const seen: HttpRequest[] = [];
      const client = new Registry("registry.example", {
        transport: async (request) => {
          seen.push(request);
          const status = request.method === "POST" ? 202 : 404;
          return { status, headers: { location }, body: Buffer.alloc(0), url: request.url };
        },
        ...{ credentials: async () => ({ source: "none" }), clock: new FakeClock(), retries: fewRetries },
      });
      const directory = await mkdtemp(join(tmpdir(), "birdhouse-hostile-"));
      onTestFinished(() => rm(directory, { recursive: true }));
      await writeFile(join(directory, "blob"), BYTES);
      const blob = { path: join(directory, "blob"), digest: MANIFEST.digest, size: BYTES.length };
      expect(await failure(client.uploadBlob("a/b", blob))).toMatch(/Location/);
      expect(seen.map(({ method, url }) => [method, url.protocol])).toEqual([["POST", "https:"]]);
    },
  );
});

describe("a list without an end", () => {
  const lists = [
    ["tags", (client: Registry) => client.listTags("a/b")],
    ["what is attached", (client: Registry) => client.referrers("a/b", MANIFEST.digest)],
  ] as const;
  const ERROR = /127.0.0.1:\d+\/a\/b: could not list .*: the header Link of its answer leads/;

  it.each(lists)("of %s is an error: the next page is the same", async (_, list) => {
    const server = await hostile();
    server.cases.add("same-page");
    expect(await failure(list(clientOf(server)))).toMatch(ERROR);
    expect(server.seen).toHaveLength(1);
  });

  it.each(lists)("of %s is an error: there is ever another page", async (_, list) => {
    let pages = 0;
    const client = clientOf(
      { host: "127.0.0.1:1" },
      {
        transport: async ({ url }) => {
          const link = `<?n=1&last=${pages++}>; rel="next"`;
          const headers = { link, "content-type": MEDIA_TYPE.index };
          return {
            status: 200,
            headers,
            body: Buffer.from('{"schemaVersion":2,"manifests":[],"tags":["a"]}'),
            url,
          };
        },
      },
    );
    expect(await failure(list(client))).toMatch(ERROR);
    expect(pages).toBe(LIMITS.pages);
  });
});

describe("an answer without an end", () => {
  it("is read no further than its descriptor says", async () => {
    const server = await hostile();
    server.cases.add("endless-blobs");
    const directory = await mkdtemp(join(tmpdir(), "birdhouse-hostile-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const { digest } = MANIFEST;
    const client = clientOf(server);
    const small = { mediaType: "x", digest, size: 1000 };
    expect(await failure(client.getBlob("a/b", small))).toMatch(/longer than 1000 bytes/);
    const file = { path: join(directory, "blob"), digest, size: 1000 };
    expect(await failure(client.downloadBlob("a/b", file))).toMatch(/longer than 1000 bytes/);
  });

  it("comes to an end when the run does, though the call has no signal of its own", async () => {
    const server = await hostile();
    server.cases.add("trickles");
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const client = clientOf(server, { signal: controller.signal });
    const asked = [
      client.listTags("a/b"),
      client.getManifest("a/b", "22"),
      client.referrers("a/b", MANIFEST.digest),
      client.deleteManifest("a/b", "22"),
    ].map((one) => failure(one));
    while (server.seen.length < asked.length) await new Promise((done) => setTimeout(done, 5));
    controller.abort(reason);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["interrupted"]));
  });
});

describe("100 kB of spite", () => {
  const LENGTH = 100_000;
  const spites = [
    ...[
      "<",
      ">",
      '"',
      "\\",
      "=",
      ",",
      ";",
      " ",
      "a",
      "\t",
      "<a",
      'a="',
      'a="\\',
      "a=",
      "a ",
      'rel="',
      "rel=next ",
    ],
    ...[
      "<>;",
      "<a>;rel=",
      '\\"',
      '"\\',
      "&",
      "\u0000",
      "\x1b]",
      "é",
      "[",
      "{",
      '{"errors":[',
      "::",
      "##[",
      "\n",
    ],
  ].map(
    (unit) => [JSON.stringify(unit), unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH)] as const,
  );

  // How long each takes is held against its length in test/unit/system/parsers.test.ts.
  it.each(spites)("of %s comes to little", (_, spite) => {
    for (const header of [spite, `Bearer realm="${spite}`]) {
      const read = parseChallenges(header);
      expect(JSON.stringify(read).length).toBeLessThan(16 * HEADER_LIMIT);
    }
    for (const header of [spite, `<a>${spite}`]) expect(nextLink(header) ?? "a").toMatch(/^[^<>]{1,8192}$/);
    for (const body of [spite, spite.repeat(10)]) {
      const { code = "", detail = "" } = readErrorBody(Buffer.from(body));
      expect(code.length).toBeLessThanOrEqual(60);
      expect(detail.length).toBeLessThanOrEqual(200);
      expect(detail).not.toMatch(/[\x00-\x1f]/);
    }
  });

  it("as the page of a refusal is told in its first words", async () => {
    const server = await hostile();
    server.cases.add("page-of-angles");
    expect((await failure(clientOf(server).listTags("a/b"))).length).toBeLessThan(400);
  });

  it("in a JSON error is cut and cleaned", () => {
    const message = `no\n::error::\x1b[31m${"<".repeat(LENGTH / 2)}`;
    const { code, detail } = readErrorBody(
      Buffer.from(JSON.stringify({ errors: [{ code: "DENIED\n", message }] })),
    );
    expect(code).toBe("DENIED");
    expect(detail).toMatch(/^no/);
    expect(detail?.length).toBeLessThanOrEqual(200);
    expect(detail).not.toMatch(/[\x00-\x1f]/);
  });
});
