import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { errorBody, startFakeRegistry, startPair } from "../../support/fake-registry.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const BYTES = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const MANIFEST = { bytes: BYTES, mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES) };

async function blobFile(text: string) {
  const path = join(await temporaryDirectory(), "blob");
  await writeFile(path, text);
  return { path, digest: digestOf(Buffer.from(text)), size: Buffer.byteLength(text) };
}

describe("manifests", () => {
  it("come back as they were put, by tag and by digest", async () => {
    const { registry } = await startPair();
    await registry.putManifest("a/b", "22", MANIFEST);
    expect(await registry.getManifest("a/b", "22")).toEqual(MANIFEST);
    expect(await registry.getManifest("a/b", MANIFEST.digest)).toEqual(MANIFEST);
    const head = { mediaType: MEDIA_TYPE.index, digest: MANIFEST.digest, size: BYTES.length };
    expect(await registry.headManifest("a/b", "22")).toEqual(head);
  });

  it("are found to be the same, or not, without being read", async () => {
    const { registry, server } = await startPair();
    await registry.putManifest("a/b", "22", MANIFEST);
    expect(await registry.pointsAt("a/b", "22", MANIFEST.digest)).toBe(true);
    expect(await registry.pointsAt("a/b", "22", digestOf(Buffer.from("another")))).toBe(false);
    expect(await registry.pointsAt("a/b", "24", MANIFEST.digest)).toBe(false);
    expect(server.requests.filter(({ method }) => method === "GET")).toEqual([]);
  });

  it("that are not there are undefined, and deleting them is no error", async () => {
    const { registry } = await startPair();
    expect(await registry.getManifest("a/b", "22")).toBeUndefined();
    expect(await registry.headManifest("a/b", "22")).toBeUndefined();
    expect(await registry.deleteManifest("a/b", "22")).toBe(false);
    await registry.putManifest("a/b", "22", MANIFEST);
    expect(await registry.deleteManifest("a/b", "22")).toBe(true);
    expect(await registry.headManifest("a/b", "22")).toBeUndefined();
  });

  it("are read in whole where the registry tells no digest", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({
      status: 200,
      headers: { "content-type": `${MEDIA_TYPE.index}; charset=utf-8` },
      body: BYTES,
    });
    const head = { mediaType: MEDIA_TYPE.index, digest: MANIFEST.digest, size: BYTES.length };
    expect(await registry.headManifest("a/b", "22")).toEqual(head);
  });

  it("that do not have the promised digest are refused", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 200, headers: { "docker-content-digest": MANIFEST.digest }, body: "{}" });
    const message = `${server.host}/a/b: could not read the manifest 22: the content is damaged`;
    await expect(registry.getManifest("a/b", "22")).rejects.toThrow(message);
    await expect(registry.getManifest("a/b", MANIFEST.digest)).rejects.toThrow(/damaged/);
  });

  it("that the registry kept otherwise are an error", async () => {
    const { registry, server } = await startPair();
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
    const { registry, server } = await startPair();
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
    const { registry, server } = await startPair();
    expect(await registry.listTags("a/b")).toEqual([]);
    server.fault = () => ({ status: 200, body: '{"name":"a/b","tags":null}' });
    expect(await registry.listTags("a/b")).toEqual([]);
  });
});

describe("blobs", () => {
  it("are sent in one piece with their length, and read back", async () => {
    const { registry, server } = await startPair();
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

  it("of any size go to a file, once more where the connection broke, and are checked there", async () => {
    const { registry, server } = await startPair();
    const blob = await blobFile("hello");
    await registry.uploadBlob("a/b", blob);
    const to = { ...blob, path: `${blob.path}.read` };
    let broken = 0;
    server.fault = ({ method }) => (method === "GET" && broken++ === 0 ? "break" : undefined);
    expect(await registry.downloadBlob("a/b", to)).toBe(true);
    expect(await readFile(to.path, "utf8")).toBe("hello");
    expect(await registry.downloadBlob("other", to)).toBe(false);
    server.fault = () => ({ status: 200, body: "jello" });
    await expect(registry.downloadBlob("a/b", to)).rejects.toThrow(/could not read the blob .* is damaged/);
  });

  it("that are damaged on disk are never sent", async () => {
    const { registry, server } = await startPair();
    const blob = await blobFile("hello");
    await writeFile(blob.path, "jello");
    await expect(registry.uploadBlob("a/b", blob)).rejects.toThrow(`${blob.path} is damaged`);
    expect(server.requests).toEqual([]);
  });

  it("are mounted from another repository, or sent where that one has them no longer", async () => {
    const { registry, server } = await startPair();
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
    const { registry, server } = await startPair();
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
    const { registry, server } = await startPair();
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
    const { registry, server } = await startPair();
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
