import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { BlobLocations, pushContent, putTag } from "../../../scripts/registry/push.ts";
import { attach, referrersOf, referrersTag } from "../../../scripts/registry/referrers.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import {
  anonymous,
  errorBody,
  FakeClock,
  fewRetries,
  startFakeRegistry,
  startPair,
} from "../../support/fake-registry.ts";
import {
  deleteAnswer,
  mountAnswer,
  NO_DELETES,
  NO_REFERRERS,
  referrersAnswer,
} from "../../support/strange-registries.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const CHILD = { mediaType: MEDIA_TYPE.manifest, digest: digestOf(Buffer.from("child")), size: 5 };
const BYTES = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [CHILD] }),
);
const SUBJECT = { mediaType: MEDIA_TYPE.index, digest: digestOf(BYTES), size: BYTES.length };
const CONTENT = { bytes: BYTES, mediaType: SUBJECT.mediaType, digest: SUBJECT.digest };

async function blobFile(text: string) {
  const path = join(await temporaryDirectory(), "blob");
  await writeFile(path, text);
  return { path, digest: digestOf(Buffer.from(text)), size: Buffer.byteLength(text) };
}

async function withSubject() {
  const pair = await startPair();
  await pair.registry.putManifest(REPOSITORY, SUBJECT.digest, CONTENT);
  const layout = await OciLayout.create(await temporaryDirectory());
  const put = (content: string) =>
    attach(
      { ...pair, repository: REPOSITORY },
      { subject: SUBJECT, mediaType: "text/plain", content },
      layout,
    );
  return { ...pair, put };
}

describe("what is attached (R2, R3)", () => {
  it("is not the image itself, where a registry reads the tag of the list as the digest", async () => {
    const { registry, server, put } = await withSubject();
    server.fault = ({ method, path }) =>
      method !== "PUT" && path.endsWith(`/manifests/${referrersTag(SUBJECT.digest)}`)
        ? server.answer({ method, path: path.replace("sha256-", "sha256:"), headers: {}, body: BYTES })
        : undefined;
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toEqual([]);
    await put("one");
    const list = server.manifests.get(`${REPOSITORY}:${referrersTag(SUBJECT.digest)}`);
    expect(JSON.parse(String(list?.bytes)).manifests).toMatchObject([{ artifactType: "text/plain" }]);
  });

  it("is not what else lies under the tag of the list", async () => {
    const { registry, put } = await withSubject();
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: CHILD, layers: [] }));
    const image = { bytes, mediaType: MEDIA_TYPE.manifest, digest: digestOf(bytes) };
    await registry.putManifest(REPOSITORY, referrersTag(SUBJECT.digest), image);
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toEqual([]);
    await put("one");
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toHaveLength(1);
  });

  it.each(NO_REFERRERS)("is under a tag where the list is answered with %o", async (answer) => {
    const { registry, server, put } = await withSubject();
    server.fault = referrersAnswer(answer);
    await put("one");
    await put("two");
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toHaveLength(2);
    expect(server.manifests.has(`${REPOSITORY}:${referrersTag(SUBJECT.digest)}`)).toBe(true);
  });

  it("is asked for in vain but once, where each such list fails", async () => {
    const { server, put } = await withSubject();
    server.fault = referrersAnswer({ status: 500 });
    await put("one");
    await put("two");
    const asked = server.log.filter((line) => line.includes("/referrers/"));
    expect(asked).toHaveLength(fewRetries.attempts);
  });

  it.each([401, 403])("is not taken for nothing where we may not see it: %i", async (status) => {
    const { registry, server } = await withSubject();
    server.fault = referrersAnswer({ status });
    await expect(referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).rejects.toThrow(
      `HTTP ${status}`,
    );
  });

  it.each([
    ["application/json", [CHILD], [CHILD]],
    ["", [CHILD], [CHILD]],
    [MEDIA_TYPE.index, null, []],
  ])("is what the list says, whatever its type says: %j", async (type, manifests, expected) => {
    const { registry, server } = await withSubject();
    const body = JSON.stringify({ schemaVersion: 2, manifests });
    server.fault = referrersAnswer({ status: 200, headers: { "content-type": type }, body });
    expect(await referrersOf({ registry, repository: REPOSITORY }, SUBJECT.digest)).toEqual(expected);
  });
});

describe("mounting (R4)", () => {
  it.each([400, 401, 403, 404, 405, 415, 500, 501])(
    "is left where it is answered with %i",
    async (status) => {
      const { registry, server } = await startPair();
      const blobs = [await blobFile("one"), await blobFile("two")];
      for (const blob of blobs) await registry.uploadBlob("other", blob);
      server.fault = mountAnswer({ status, body: errorBody("UNSUPPORTED", "no") });
      for (const blob of blobs) {
        expect(await registry.uploadBlob(REPOSITORY, blob, { mountFrom: "other" })).toBe("uploaded");
        expect(server.blobs.has(`${REPOSITORY}@${blob.digest}`)).toBe(true);
      }
      expect(server.log.filter((line) => line.includes("mount="))).toHaveLength(1);
    },
  );

  it("is left where the token for both repositories is refused", async () => {
    const server = await startFakeRegistry();
    const scopes: string[][] = [];
    server.fault = ({ method, path, headers }) => {
      const url = new URL(path, "http://registry");
      if (url.pathname === "/token") {
        scopes.push(url.searchParams.getAll("scope"));
        if (scopes.at(-1)?.some((scope) => scope.includes(":other:"))) return { status: 403 };
        return { status: 200, body: JSON.stringify({ token: "t" }) };
      }
      if (headers.authorization === "Bearer t") return undefined;
      const challenge = `Bearer realm="http://${server.host}/token",service="s"`;
      return method === "HEAD"
        ? { status: 404 }
        : { status: 401, headers: { "www-authenticate": challenge } };
    };
    const options = { credentials: anonymous, retries: fewRetries, clock: new FakeClock() };
    const registry = new Registry(server.host, options);
    const blob = await blobFile("one");
    expect(await registry.uploadBlob(REPOSITORY, blob, { mountFrom: "other" })).toBe("uploaded");
    expect(scopes.at(-1)).toEqual([`repository:${REPOSITORY}:pull,push`]);
  });

  it("goes on elsewhere where a registry does it", async () => {
    const { registry, server } = await startPair();
    const blob = await blobFile("one");
    await registry.uploadBlob("other", blob);
    expect(await registry.uploadBlob(REPOSITORY, blob, { mountFrom: "other" })).toBe("mounted");
    expect(server.blobs.has(`${REPOSITORY}@${blob.digest}`)).toBe(true);
  });
});

describe("deleting (R8)", () => {
  it.each(NO_DELETES)("says what to do where it is answered with %o", async (answer) => {
    const { registry, server } = await withSubject();
    server.fault = deleteAnswer(answer);
    const failure = await registry
      .deleteManifest(REPOSITORY, SUBJECT.digest)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toContain("this registry deletes nothing");
    expect(failure).toMatchObject({ hint: expect.stringContaining("remove it by") });
    expect(server.log.filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
  });
});

describe("a repository that does not exist yet, and refuses everything until it does (R5)", () => {
  it.each([401, 403])("is pushed into, with the right to push from the first request: %i", async (status) => {
    const server = await startFakeRegistry();
    const scopes = new Set<string>();
    server.fault = ({ method, path, headers }) => {
      const url = new URL(path, "http://registry");
      if (url.pathname === "/token") {
        scopes.add(url.searchParams.get("scope") ?? "");
        // There is nothing to pull, so the right to do that is not given.
        if (!url.searchParams.get("scope")?.endsWith(":pull,push")) return { status };
        return { status: 200, body: JSON.stringify({ token: "t" }) };
      }
      const challenge = `Bearer realm="http://${server.host}/token",service="s"`;
      if (headers.authorization !== "Bearer t") {
        return { status: 401, headers: { "www-authenticate": challenge } };
      }
      const isThere = [...server.blobs.keys()].some((key) => key.startsWith(`${REPOSITORY}@`));
      return !isThere && method === "HEAD" ? { status } : undefined;
    };
    const options = { credentials: anonymous, retries: fewRetries, clock: new FakeClock() };
    const registry = new Registry(server.host, options);
    const layout = await OciLayout.create(await temporaryDirectory());
    const config = await layout.putBytes(Buffer.from("{}"), MEDIA_TYPE.config);
    const manifest = await layout.putJson(
      { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [] },
      MEDIA_TYPE.manifest,
    );
    const sent = await pushContent(layout, manifest, registry, REPOSITORY, {
      blobLocations: new BlobLocations(),
    });
    expect(sent).toBe(config.size + manifest.size);
    expect([...scopes]).toEqual([`repository:${REPOSITORY}:pull,push`]);
    expect(server.manifests.has(`${REPOSITORY}@${manifest.digest}`)).toBe(true);
  });

  it("counts as not there only for those who say so", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 403 });
    await expect(registry.getManifest(REPOSITORY, "22")).rejects.toThrow("HTTP 403");
    await expect(registry.pointsAt(REPOSITORY, "22", SUBJECT.digest)).rejects.toThrow("HTTP 403");
    const lenient = { refusedIsAbsent: true };
    expect(await registry.getManifest(REPOSITORY, "22", lenient)).toBeUndefined();
    expect(await registry.headManifest(REPOSITORY, "22", lenient)).toBeUndefined();
    expect(await registry.pointsAt(REPOSITORY, "22", SUBJECT.digest, lenient)).toBe(false);
    expect(await registry.listTags(REPOSITORY, lenient)).toEqual([]);
  });
});

describe("manifests, as some registries hand them out", () => {
  it.each([404, 405, 501, 400])(
    "are found where HEAD is answered with %i and GET finds them",
    async (status) => {
      const { registry, server } = await startPair();
      server.fault = ({ method }) => (method === "HEAD" ? { status } : undefined);
      await putTag(registry, REPOSITORY, "22", CONTENT);
      expect(await registry.headManifest(REPOSITORY, "22")).toEqual(SUBJECT);
      expect(await registry.headManifest(REPOSITORY, "24")).toBeUndefined();
      expect(await registry.pointsAt(REPOSITORY, "22", SUBJECT.digest)).toBe(false);
      expect(await registry.blobExists(REPOSITORY, SUBJECT.digest)).toBe(false);
    },
  );

  it.each([
    ["in upper case", SUBJECT.digest.toUpperCase()],
    ["of another algorithm", `sha512:${"0".repeat(128)}`],
    ["that is none", "latest"],
    ["in spaces", ` ${SUBJECT.digest} `],
  ])("have a digest %s", async (_, digest) => {
    const { registry, server } = await startPair();
    await registry.putManifest(REPOSITORY, "22", CONTENT);
    server.fault = (request) => {
      const answer = server.answer(request);
      return { ...answer, headers: { ...answer.headers, "docker-content-digest": digest } };
    };
    await registry.putManifest(REPOSITORY, "22", CONTENT);
    expect(await registry.getManifest(REPOSITORY, "22")).toEqual(CONTENT);
    expect(await registry.headManifest(REPOSITORY, "22")).toEqual(SUBJECT);
  });

  it.each(["application/json", "application/octet-stream", "text/plain; charset=utf-8", ""])(
    "are what they say themselves where their type is %j",
    async (type) => {
      const { registry, server } = await startPair();
      await registry.putManifest(REPOSITORY, "22", CONTENT);
      server.fault = (request) => {
        const answer = server.answer(request);
        return { ...answer, headers: { ...answer.headers, "content-type": type } };
      };
      expect(await registry.getManifest(REPOSITORY, "22")).toEqual(CONTENT);
      expect((await registry.headManifest(REPOSITORY, "22"))?.digest).toBe(SUBJECT.digest);
    },
  );

  it("are no web pages", async () => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<p>Log in" });
    await expect(registry.getManifest(REPOSITORY, "22")).rejects.toThrow(
      /answered with text\/html, no manifest; a proxy or a login page/,
    );
  });

  it.each([200, 202, 204])("are put where the answer is %i", async (status) => {
    const { registry, server } = await startPair();
    server.fault = (request) =>
      request.method === "PUT" ? { ...server.answer(request), status } : undefined;
    await putTag(registry, REPOSITORY, "22", CONTENT);
    expect(await registry.getManifest(REPOSITORY, "22")).toEqual(CONTENT);
  });
});

describe("a tag that is not there", () => {
  it("is asked for twice only until HEAD has found something", async () => {
    const { registry, server } = await startPair();
    expect(await registry.headManifest(REPOSITORY, "none")).toBeUndefined();
    await putTag(registry, REPOSITORY, "22", CONTENT);
    await registry.headManifest(REPOSITORY, "22");
    const before = server.requests.length;
    expect(await registry.headManifest(REPOSITORY, "none")).toBeUndefined();
    expect(server.requests.slice(before).map(({ method }) => method)).toEqual(["HEAD"]);
  });
});

describe("lists of tags, as some registries hand them out", () => {
  const page = (path: string) => new URL(path, "http://registry").searchParams.get("last");

  it.each([
    ["in brackets", '</v2/base/node/tags/list?last=a&n=1>; rel="next"'],
    ["without brackets", '/v2/base/node/tags/list?last=a&n=1; rel="next"'],
    ["without quotes", "</v2/base/node/tags/list?last=a&n=1>; rel=next"],
    ["after another", '</v2/>; rel="prev", </v2/base/node/tags/list?last=a&n=1>; title="a, b"; rel="next"'],
    ["relative", '<list?last=a&n=1>; rel="next"'],
    ["with a host that knows nothing of TLS", "HOST"],
  ])("go on at a Link %s", async (_, link) => {
    const { registry, server } = await startPair();
    const header = link === "HOST" ? `<https://127.0.0.1/v2/base/node/tags/list?last=a>; rel="next"` : link;
    server.fault = ({ path }) =>
      page(path) === "a"
        ? { status: 200, body: '{"name":"base/node","tags":["b"]}' }
        : { status: 200, body: '{"name":"base/node","tags":["a"]}', headers: { link: header } };
    expect(await registry.listTags(REPOSITORY)).toEqual(["a", "b"]);
  });

  it("never go on at another host, nor round in circles", async () => {
    const { registry, server } = await startPair();
    const answerWith = (link: string) => {
      server.fault = () => ({ status: 200, body: '{"tags":["a"]}', headers: { link } });
    };
    answerWith('<http://elsewhere.example/v2/base/node/tags/list>; rel="next"');
    await expect(registry.listTags(REPOSITORY)).rejects.toThrow(/Link of its answer leads to another server/);
    answerWith("<https://127.0.0.1//elsewhere.example/v2/>; rel=next");
    const seen = server.requests.length;
    await expect(registry.listTags(REPOSITORY)).rejects.toThrow(/leads back to a page that has been read/);
    expect(server.log.slice(seen + 1)).toEqual(["GET //elsewhere.example/v2/"]);
    answerWith('</v2/base/node/tags/list>; rel="next"');
    const before = server.requests.length;
    await expect(registry.listTags(REPOSITORY)).rejects.toThrow(/leads back to a page that has been read/);
    expect(server.requests.length - before).toBeLessThan(3);
  });

  it("end somewhere", async () => {
    let page = 0;
    const registry = new Registry("registry.example", {
      transport: async ({ url }) => {
        const headers = { link: `</v2/base/node/tags/list?last=${page++}>; rel="next"` };
        return { status: 200, headers, body: Buffer.from('{"tags":["a"]}'), url };
      },
      credentials: anonymous,
      retries: fewRetries,
      clock: new FakeClock(),
    });
    await expect(registry.listTags(REPOSITORY)).rejects.toThrow(/leads on after 1000 pages/);
  });

  it.each(['{"name":"base/node","tags":null}', '{"name":"base/node"}'])("may be %s", async (body) => {
    const { registry, server } = await startPair();
    server.fault = () => ({ status: 200, body });
    expect(await registry.listTags(REPOSITORY)).toEqual([]);
  });
});

describe("uploads, as some registries take them", () => {
  it("go to what the upload is called where no Location says where to", async () => {
    const { registry, server } = await startPair();
    const blob = await blobFile("one");
    server.fault = (request) => {
      if (request.method === "POST") return { status: 202, headers: { "docker-upload-uuid": "a-1.b_2" } };
      if (request.method !== "PUT") return undefined;
      server.blobs.set(`${REPOSITORY}@${blob.digest}`, request.body);
      return { status: 201 };
    };
    expect(await registry.uploadBlob(REPOSITORY, blob)).toBe("uploaded");
    expect(server.log.at(-1)).toBe(
      `PUT /v2/${REPOSITORY}/blobs/uploads/a-1.b_2?digest=${encodeURIComponent(blob.digest)}`,
    );
  });

  it.each([
    [{}, "its answer does not say where to send it: the header Location is missing"],
    [{ location: "http://[" }, "the header Location of its answer holds no address"],
  ])("fail in words where nothing says where to: %o", async (headers, words) => {
    const { registry, server } = await startPair();
    server.fault = ({ method }) => (method === "POST" ? { status: 202, headers } : undefined);
    await expect(registry.uploadBlob(REPOSITORY, await blobFile("one"))).rejects.toThrow(words);
  });

  it("never go from TLS into the clear", async () => {
    const seen: string[] = [];
    const registry = new Registry("registry.example", {
      transport: async ({ method, url }) => {
        seen.push(`${method} ${url.protocol}`);
        const headers = { location: "http://registry.example/v2/base/node/blobs/uploads/1" };
        return { status: 202, headers, body: Buffer.alloc(0), url };
      },
      credentials: anonymous,
      retries: fewRetries,
      clock: new FakeClock(),
    });
    await expect(registry.uploadBlob(REPOSITORY, await blobFile("one"))).rejects.toThrow(
      /Location .*from https to http .*X-Forwarded-Proto/,
    );
    expect(seen).toEqual(["POST https:"]);
  });
});
