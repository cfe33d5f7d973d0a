import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/oci/types.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { createTransport } from "../../../scripts/registry/http.ts";
import { temporaryDirectory } from "../oci/sample-image.ts";
import {
  anonymous,
  errorBody,
  FakeClock,
  type Fault,
  fewRetries,
  startFakeRegistry,
} from "./fake-registry.ts";

const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const MANIFEST = { bytes: BYTES, mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES) };

async function setUp(options: { idleTimeout?: number } = {}) {
  const server = await startFakeRegistry();
  const clock = new FakeClock();
  const transport = createTransport(options);
  const registry = new Registry(server.host, {
    transport,
    credentials: anonymous,
    retries: fewRetries,
    clock,
  });
  return { server, clock, registry };
}

/** Does these in turn, then nothing out of the ordinary. */
function inTurn(...faults: Fault[]): () => Fault {
  return () => faults.shift();
}

async function blobFile(text: string) {
  const path = join(await temporaryDirectory(), "blob");
  await writeFile(path, text);
  return { path, digest: digestOf(Buffer.from(text)), size: Buffer.byteLength(text) };
}

describe("manifests", () => {
  it("come back as they were put, by tag and by digest", async () => {
    const { registry } = await setUp();
    await registry.putManifest("a/b", "22", MANIFEST);
    expect(await registry.getManifest("a/b", "22")).toEqual(MANIFEST);
    expect(await registry.getManifest("a/b", MANIFEST.digest)).toEqual(MANIFEST);
    const head = { mediaType: MEDIA_TYPE.index, digest: MANIFEST.digest, size: BYTES.length };
    expect(await registry.headManifest("a/b", "22")).toEqual(head);
  });

  it("that are not there are undefined, and deleting them is no error", async () => {
    const { registry } = await setUp();
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    expect(await registry.headManifest("a/b", "22")).toBeUndefined();
    expect(await registry.deleteManifest("a/b", "22")).toBe(false);
    await registry.putManifest("a/b", "22", MANIFEST);
    expect(await registry.deleteManifest("a/b", "22")).toBe(true);
    expect(await registry.headManifest("a/b", "22")).toBeUndefined();
  });

  it("are read in whole where the registry tells no digest", async () => {
    const { registry, server } = await setUp();
    server.fault = () => ({
      status: 200,
      headers: { "content-type": `${MEDIA_TYPE.index}; charset=utf-8` },
      body: BYTES,
    });
    const head = { mediaType: MEDIA_TYPE.index, digest: MANIFEST.digest, size: BYTES.length };
    expect(await registry.headManifest("a/b", "22")).toEqual(head);
  });

  it("that do not have the promised digest are refused", async () => {
    const { registry, server } = await setUp();
    server.fault = () => ({ status: 200, headers: { "docker-content-digest": MANIFEST.digest }, body: "{}" });
    const message = `${server.host}/a/b: could not read the manifest 22: the content is damaged`;
    await expect(registry.getManifest("a/b", "22")).rejects.toThrow(message);
    await expect(registry.getManifest("a/b", MANIFEST.digest)).rejects.toThrow(/damaged/);
  });

  it("that the registry kept otherwise are an error", async () => {
    const { registry, server } = await setUp();
    const other = digestOf(Buffer.from("other"));
    server.fault = () => ({ status: 201, headers: { "docker-content-digest": other } });
    await expect(registry.putManifest("a/b", "22", MANIFEST)).rejects.toThrow(
      `but the registry kept ${other}`,
    );
    const wrong = { ...MANIFEST, digest: other };
    await expect(registry.putManifest("a/b", "22", wrong)).rejects.toThrow(/damaged/);
    expect(server.requests).toHaveLength(1);
  });
});

describe("tags", () => {
  it("are listed over all pages", async () => {
    const { registry, server } = await setUp();
    server.fault = ({ path }) =>
      path.includes("last=")
        ? { status: 200, body: '{"name":"a/b","tags":["c"]}' }
        : {
            status: 200,
            headers: { link: '</v2/a/b/tags/list?last=b&n=2>; rel="next"' },
            body: '{"name":"a/b","tags":["a","b"]}',
          };
    expect(await registry.listTags("a/b")).toEqual(["a", "b", "c"]);
    expect(server.log).toEqual(["GET /v2/a/b/tags/list", "GET /v2/a/b/tags/list?last=b&n=2"]);
  });

  it("of a repository that is not there, or that has none, are none", async () => {
    const { registry, server } = await setUp();
    expect(await registry.listTags("a/b")).toEqual([]);
    server.fault = () => ({ status: 200, body: '{"name":"a/b","tags":null}' });
    expect(await registry.listTags("a/b")).toEqual([]);
  });
});

describe("what fails in passing", () => {
  it.each<[string, Fault]>([
    ["a server error", { status: 503 }],
    ["a broken connection", "break"],
    ["a request that timed out", { status: 408 }],
  ])("is tried again, ever later: %s", async (_, fault) => {
    const { registry, server, clock } = await setUp();
    await registry.putManifest("a/b", "22", MANIFEST);
    server.fault = inTurn(fault, fault, fault);
    expect(await registry.getManifest("a/b", "22")).toEqual(MANIFEST);
    expect(clock.sleeps).toEqual([100, 200, 250]);
  });

  it("is given up after the last attempt, with the registry's own words", async () => {
    const { registry, server } = await setUp();
    server.fault = () => ({ status: 500, body: errorBody("UNKNOWN", "disk full") });
    const failure = registry.getManifest("a/b", "22");
    await expect(failure).rejects.toThrow(RegistryError);
    await expect(failure).rejects.toThrow(
      `${server.host}/a/b: could not read the manifest 22: HTTP 500 UNKNOWN disk full`,
    );
    expect(server.requests).toHaveLength(fewRetries.attempts);
  });

  it("waits as long as Retry-After says, in seconds or until a date", async () => {
    const { registry, server, clock } = await setUp();
    const date = new Date(clock.now() + 10_000).toUTCString();
    server.fault = inTurn(
      { status: 429, headers: { "retry-after": "7" } },
      { status: 429, headers: { "retry-after": date } },
    );
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    expect(clock.sleeps).toEqual([7000, 3000]);
  });

  it("is not waited for when that would take too long", async () => {
    const { registry, server, clock } = await setUp();
    server.fault = () => ({
      status: 429,
      headers: { "retry-after": "21600" },
      body: errorBody("TOOMANYREQUESTS", "slow down"),
    });
    await expect(registry.getManifest("a/b", "22")).rejects.toMatchObject({
      status: 429,
      code: "TOOMANYREQUESTS",
    });
    expect(clock.sleeps).toEqual([]);
  });

  it("includes a registry that says nothing", async () => {
    const { registry, server } = await setUp({ idleTimeout: 50 });
    server.fault = inTurn("hang");
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    server.fault = () => "hang";
    await expect(registry.getManifest("a/b", "22")).rejects.toThrow("nothing was heard for 0.05 s");
  });

  it("does not include a refusal", async () => {
    const { registry, server } = await setUp();
    server.fault = () => ({ status: 403, body: errorBody("DENIED", "not yours") });
    const message = /HTTP 403 DENIED not yours\ncredentials: none, so anonymous/;
    await expect(registry.putManifest("a/b", "22", MANIFEST)).rejects.toThrow(message);
    expect(server.requests).toHaveLength(1);
  });

  it("shows the first words of a page that is no registry's", async () => {
    const { registry, server } = await setUp();
    server.fault = () => ({ status: 418, body: "<html><body><h1>Proxy</h1>\n<p>says no</p></body></html>" });
    await expect(registry.listTags("a/b")).rejects.toThrow("list the tags: HTTP 418 Proxy says no");
  });
});

describe("an aborted call", () => {
  it("ends at once, with the reason that was given", async () => {
    const { registry, server } = await setUp();
    const abort = new AbortController();
    server.fault = () => {
      abort.abort(new Error("enough"));
      return "hang";
    };
    await expect(registry.getManifest("a/b", "22", { signal: abort.signal })).rejects.toThrow("enough");
    expect(server.requests).toHaveLength(1);
    await expect(registry.getManifest("a/b", "22", { signal: abort.signal })).rejects.toThrow("enough");
    expect(server.requests).toHaveLength(1);
  });
});

describe("blobs", () => {
  it("are sent in one piece with their length, and read back", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    expect(await registry.blobExists("a/b", blob.digest)).toBe(false);
    expect(await registry.uploadBlob("a/b", blob)).toBe("uploaded");
    expect(server.requests.at(-1)?.headers["content-length"]).toBe("5");
    expect(await registry.blobExists("a/b", blob.digest)).toBe(true);
    const descriptor = { mediaType: "x", digest: blob.digest, size: 5 };
    expect((await registry.getBlob("a/b", descriptor))?.toString()).toBe("hello");
    await expect(registry.getBlob("a/b", { ...descriptor, size: 4 })).rejects.toThrow(/damaged/);
    expect(await registry.getBlob("other", descriptor)).toBeUndefined();
  });

  it("that are damaged on disk are never sent", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    await writeFile(blob.path, "jello");
    await expect(registry.uploadBlob("a/b", blob)).rejects.toThrow(`${blob.path} is damaged`);
    expect(server.requests).toEqual([]);
  });

  it("are mounted from another repository, or sent where that one has them no longer", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    await registry.uploadBlob("home", blob);
    server.requests.length = 0;
    expect(await registry.uploadBlob("a/b", blob, { mountFrom: "home" })).toBe("mounted");
    expect(server.log).toEqual([
      `POST /v2/a/b/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=home`,
    ]);
    expect(await registry.uploadBlob("c", blob, { mountFrom: "gone" })).toBe("uploaded");
    expect(server.blobs.has(`c@${blob.digest}`)).toBe(true);
  });

  it("are sent anew, from the start, when the connection breaks on the way", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    let broken = false;
    server.fault = ({ method }) => {
      if (method !== "PUT" || broken) return undefined;
      broken = true;
      return "break";
    };
    expect(await registry.uploadBlob("a/b", blob)).toBe("uploaded");
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PUT", "HEAD", "POST", "PUT"]);
  });

  it("are not sent again when only the answer was lost", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    server.fault = (request) => {
      if (request.method !== "PUT") return undefined;
      server.answer(request);
      return "break";
    };
    expect(await registry.uploadBlob("a/b", blob)).toBe("uploaded");
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PUT", "HEAD"]);
  });

  it("that the registry refuses are an error in its own words", async () => {
    const { registry, server } = await setUp();
    const blob = await blobFile("hello");
    server.fault = ({ method }) =>
      method === "PUT" ? { status: 400, body: errorBody("DIGEST_INVALID", "digest differs") } : undefined;
    await expect(registry.uploadBlob("a/b", blob)).rejects.toThrow(
      `could not upload ${blob.digest}: HTTP 400 DIGEST_INVALID digest differs`,
    );
  });

  it("are followed to where the registry keeps them, without the credentials", async () => {
    const store = await startFakeRegistry();
    const server = await startFakeRegistry();
    store.fault = () => ({ status: 200, body: "hello" });
    server.fault = ({ headers }) =>
      headers.authorization
        ? { status: 307, headers: { location: `http://${store.host}/bucket?signature=1` } }
        : { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } };
    const credentials = async () => ({ source: "test", credentials: { username: "me", password: "secret" } });
    const registry = new Registry(server.host, { credentials });
    const descriptor = { mediaType: "x", digest: digestOf(Buffer.from("hello")), size: 5 };
    expect((await registry.getBlob("a/b", descriptor))?.toString()).toBe("hello");
    expect(store.log).toEqual(["GET /bucket?signature=1"]);
    expect(store.requests[0]?.headers).not.toHaveProperty("authorization");
  });
});
