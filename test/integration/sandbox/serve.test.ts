import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type FileServer,
  type Site,
  serveAfter,
  serveDirectory,
  serveSites,
} from "../../../sandbox/serve.ts";

let directory: string;
let server: FileServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-serve-"));
  await mkdir(join(directory, "root/v3.22"), { recursive: true });
  await writeFile(join(directory, "root/v3.22/g++-14.apk"), "a package");
  await writeFile(join(directory, "secret"), "not served");
  await symlink("../secret", join(directory, "root/link"));
  server = await serveDirectory(join(directory, "root"), 0);
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

/** Asks for a path as it is given: fetch would take the dots out of it. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    const sent = request({ host: "127.0.0.1", port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}

describe("serveDirectory", () => {
  it("serves files, their names encoded or not", async () => {
    for (const path of ["v3.22/g++-14.apk", "v3.22/g%2B%2B-14.apk"]) {
      const response = await fetch(`${server.url}/${path}`);
      expect(await response.text()).toBe("a package");
      expect(response.headers.get("content-length")).toBe("9");
    }
  });

  it("answers HEAD without a body, and 304 to who has the file already", async () => {
    const head = await fetch(`${server.url}/v3.22/g++-14.apk`, { method: "HEAD" });
    expect(await head.text()).toBe("");
    const etag = head.headers.get("etag") ?? "";
    const again = await fetch(`${server.url}/v3.22/g++-14.apk`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
  });

  it("knows neither directories nor what is not there", async () => {
    expect((await fetch(`${server.url}/v3.22`)).status).toBe(404);
    expect((await fetch(`${server.url}/v3.99/APKINDEX.tar.gz`)).status).toBe(404);
  });

  it("lets nobody out of its directory", async () => {
    for (const path of [
      "/../secret",
      "/v3.22/../../secret",
      "/%2e%2e/secret",
      "/..%2fsecret",
      "/link",
      "/%00",
    ]) {
      expect(await rawStatus(path), path).toBe(404);
    }
  });

  it("takes no other method", async () => {
    expect((await fetch(`${server.url}/v3.22/g++-14.apk`, { method: "DELETE" })).status).toBe(405);
  });

  it("refuses a port that is taken", async () => {
    const { port } = new URL(server.url);
    await expect(serveDirectory(directory, Number(port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

const saying =
  (text: string): Site =>
  async () => ({
    ...{ etag: `"${text}"`, type: "text/plain", size: text.length },
    open: () => Readable.from([Buffer.from(text)]),
  });

const ask = async (port: number) => {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/x`)).text();
  } catch {
    return "nobody";
  }
};

describe("serveAfter", () => {
  it("serves on when the other one ends, until this one does", async () => {
    const first = await serveSites({ "/": saying("first") }, 0);
    const port = Number(new URL(first.url).port);
    const second = serveAfter({ "/": saying("second") }, port);
    expect(second.url).toBe(first.url);
    expect(await ask(port)).toBe("first");
    await first.close();
    await expect.poll(() => ask(port), { timeout: 10_000 }).toBe("second");
    await second.close();
    expect(await ask(port)).toBe("nobody");
  });

  it("leaves the other one alone where that goes on", async () => {
    const first = await serveSites({ "/": saying("first") }, 0);
    const port = Number(new URL(first.url).port);
    await serveAfter({ "/": saying("second") }, port).close();
    expect(await ask(port)).toBe("first");
    await first.close();
  });
});
