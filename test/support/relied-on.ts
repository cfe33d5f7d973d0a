import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";

/*
 * What Birdhouse relies on of a registry, asked by plain requests and not by our own client. Each name is a line of
 * docs/registries.md. Source: distribution-spec 1.1, whose conformance tests ask the same and more.
 */

const { manifest: MANIFEST, index: INDEX } = MEDIA_TYPE;
const REPOSITORY = "relied/on";

class Asked {
  constructor(readonly origin: string) {}

  send(method: string, path: string, body?: Uint8Array | string, type?: string): Promise<Response> {
    return fetch(new URL(path, `${this.origin}/v2/`), {
      method,
      ...(body !== undefined && { body: typeof body === "string" ? body : Buffer.from(body) }),
      headers: { accept: `${MANIFEST}, ${INDEX}`, ...(type && { "content-type": type }) },
    });
  }

  /** Sends a blob by POST, then one PUT. @param digest what it is said to be */
  async sendBlob(bytes: Uint8Array, digest = digestOf(bytes)): Promise<Response> {
    const begun = await this.send("POST", `${REPOSITORY}/blobs/uploads/`, "");
    expect(begun.status).toBe(202);
    const to = new URL(begun.headers.get("location") ?? "", begun.url);
    to.searchParams.set("digest", digest);
    return this.send("PUT", to.href, bytes, "application/octet-stream");
  }

  /** A manifest of a new configuration, which is sent. */
  async manifest(more: object = {}) {
    const bytes = Buffer.from(JSON.stringify({ of: randomBytes(8).toString("hex") }));
    expect((await this.sendBlob(bytes)).status).toBe(201);
    const config = { mediaType: MEDIA_TYPE.config, digest: digestOf(bytes), size: bytes.length };
    const text = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [], ...more });
    return { text, digest: digestOf(Buffer.from(text)) };
  }

  /** Sends one, under its digest or a tag. */
  async put(reference?: string, more?: object) {
    const made = await this.manifest(more);
    const path = `${REPOSITORY}/manifests/${reference ?? made.digest}`;
    expect((await this.send("PUT", path, made.text, MANIFEST)).status).toBe(201);
    return made;
  }

  get(reference: string, method = "GET"): Promise<Response> {
    return this.send(method, `${REPOSITORY}/manifests/${reference}`);
  }
}

type Check = (registry: Asked) => Promise<void>;

const CHECKS: Readonly<Record<string, Check>> = {
  "a blob that is sent whole is kept, byte for byte": async (registry) => {
    const blob = randomBytes(100_000);
    expect((await registry.sendBlob(blob)).status).toBe(201);
    const got = await registry.send("GET", `${REPOSITORY}/blobs/${digestOf(blob)}`);
    expect(digestOf(new Uint8Array(await got.arrayBuffer()))).toBe(digestOf(blob));
  },
  "a blob that is not what its digest says is refused": async (registry) => {
    const digest = digestOf(randomBytes(8));
    expect((await registry.sendBlob(randomBytes(100), digest)).status).toBeGreaterThanOrEqual(400);
    expect((await registry.send("HEAD", `${REPOSITORY}/blobs/${digest}`)).status).toBe(404);
  },
  "a blob is known by HEAD, and one that is not there is 404": async (registry) => {
    const blob = randomBytes(100);
    expect((await registry.sendBlob(blob)).status).toBe(201);
    const head = await registry.send("HEAD", `${REPOSITORY}/blobs/${digestOf(blob)}`);
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "100"]);
    const other = await registry.send("HEAD", `${REPOSITORY}/blobs/${digestOf(Buffer.from("other"))}`);
    expect(other.status).toBe(404);
  },
  "a blob of another repository is mounted (201), or an upload begins in its place (202)": async (
    registry,
  ) => {
    const blob = randomBytes(100);
    expect((await registry.sendBlob(blob)).status).toBe(201);
    const mount = `relied/mounted/blobs/uploads/?mount=${digestOf(blob)}&from=${REPOSITORY}`;
    const answer = await registry.send("POST", mount, "");
    expect([201, 202]).toContain(answer.status);
    const there = await registry.send("HEAD", `relied/mounted/blobs/${digestOf(blob)}`);
    expect(there.status).toBe(answer.status === 201 ? 200 : 404);
  },
  "a manifest is kept byte for byte, with its type, by digest and by tag": async (registry) => {
    const { text, digest } = await registry.put("kept");
    for (const reference of ["kept", digest]) {
      const got = await registry.get(reference);
      expect([await got.text(), got.headers.get("content-type")]).toEqual([text, MANIFEST]);
    }
  },
  "a manifest that is not what its digest says is refused": async (registry) => {
    const { text } = await registry.manifest();
    const path = `${REPOSITORY}/manifests/${digestOf(Buffer.from("other"))}`;
    expect((await registry.send("PUT", path, text, MANIFEST)).status).toBeGreaterThanOrEqual(400);
    expect((await registry.get(digestOf(Buffer.from("other")))).status).toBe(404);
  },
  "HEAD of a tag says which digest it points at, and of one that is not there 404": async (registry) => {
    const { digest } = await registry.put("head");
    const head = await registry.get("head", "HEAD");
    expect([head.status, head.headers.get("docker-content-digest")]).toEqual([200, digest]);
    expect((await registry.get("nowhere", "HEAD")).status).toBe(404);
  },
  "one PUT moves a tag, and what it pointed at is still there where another tag names it": async (
    registry,
  ) => {
    const first = await registry.put("moved");
    const also = `${REPOSITORY}/manifests/stays`;
    expect((await registry.send("PUT", also, first.text, MANIFEST)).status).toBe(201);
    const second = await registry.put("moved");
    expect(await (await registry.get("moved")).text()).toBe(second.text);
    for (const reference of ["stays", first.digest])
      expect(await (await registry.get(reference)).text()).toBe(first.text);
  },
  "tags are listed, all of them, over as many pages as it takes": async (registry) => {
    for (const tag of ["page-1", "page-2", "page-3"]) await registry.put(tag);
    const listed: string[] = [];
    // Nobody asks for few of them: how many are on a page is the registry's.
    let next: string | undefined = `${REPOSITORY}/tags/list`;
    while (next !== undefined) {
      const page = await registry.send("GET", next);
      expect(page.status).toBe(200);
      listed.push(...((await page.json()) as { tags: string[] }).tags);
      const [, link] = /<([^>]+)>/.exec(page.headers.get("link") ?? "") ?? [];
      next = link === undefined ? undefined : new URL(link, page.url).href;
    }
    expect(listed).toEqual(expect.arrayContaining(["page-1", "page-2", "page-3"]));
    expect(new Set(listed).size).toBe(listed.length);
  },
  "a manifest is deleted by its digest, and its tag is gone with it": async (registry) => {
    const { digest } = await registry.put("gone");
    expect((await registry.get(digest, "DELETE")).status).toBe(202);
    for (const reference of ["gone", digest]) expect((await registry.get(reference)).status).toBe(404);
  },
  "what is attached to a digest is listed, or there is no such list (404)": async (registry) => {
    const { text, digest } = await registry.put();
    const about = { subject: { mediaType: MANIFEST, digest, size: text.length }, artifactType: "a/b" };
    const attached = await registry.put(undefined, about);
    const answer = await registry.send("GET", `${REPOSITORY}/referrers/${digest}`);
    if (answer.status === 404) return;
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, INDEX]);
    const { manifests } = (await answer.json()) as { manifests: { digest: string }[] };
    expect(manifests.map((one) => one.digest)).toEqual([attached.digest]);
  },
};

export const RELIED_ON = Object.keys(CHECKS);

/** Asks a registry one of them. @param origin `http://127.0.0.1:5000` @throws AssertionError where it is otherwise */
export async function askRegistry(origin: string, name: string): Promise<void> {
  const check = CHECKS[name];
  if (!check) throw new Error(`nothing is asked by the name ${name}`);
  await check(new Asked(origin));
}
