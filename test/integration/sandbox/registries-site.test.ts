import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hexDigest } from "../../../sandbox/registries/archives.ts";
import { registriesSite } from "../../../sandbox/registries/site.ts";
import { type FileServer, fileSite, serveSites } from "../../../sandbox/serve.ts";

let directory: string;
let server: FileServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-site-"));
  await mkdir(join(directory, "registries/npm/ms/-"), { recursive: true });
  await mkdir(join(directory, "registries/pypi/simple/inflection"), { recursive: true });
  await mkdir(join(directory, "packages/v3.22"), { recursive: true });
  await writeFile(join(directory, "registries/npm/ms/index.json.template"), '{"at":"{{origin}}/npm/ms"}');
  await writeFile(join(directory, "registries/npm/ms/-/ms.tgz"), "archive with {{origin}}");
  await writeFile(join(directory, "registries/pypi/simple/inflection/index.html"), "<a>");
  await writeFile(join(directory, "packages/v3.22/APKINDEX.tar.gz"), "index");
  server = await serveSites(
    {
      "/registries/": registriesSite(join(directory, "registries")),
      "/": fileSite(join(directory, "packages")),
    },
    0,
  );
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const get = (path: string) => fetch(`${server.url}/registries/${path}`);

describe("registriesSite", () => {
  it("serves a folder by its index, with the server's address in it", async () => {
    for (const path of ["npm/ms", "npm/ms/"]) {
      expect(await (await get(path)).json()).toEqual({ at: `${server.url}/npm/ms` });
    }
  });

  it("leaves what is no template as it is", async () => {
    expect(await (await get("npm/ms/-/ms.tgz")).text()).toBe("archive with {{origin}}");
  });

  it("says that HTML is HTML, or pip would not read it", async () => {
    const response = await get("pypi/simple/inflection/");
    expect(response.headers.get("content-type")).toBe("text/html");
  });

  it("has the MD5 for an ETag, as Bundler wants it", async () => {
    const response = await get("pypi/simple/inflection/");
    expect(response.headers.get("etag")).toBe(`"${hexDigest("md5", "<a>")}"`);
  });

  it("gives nothing for a folder without an index, and does not leave its own folder", async () => {
    expect((await get("npm")).status).toBe(404);
    expect((await get("pypi/simple/requests/")).status).toBe(404);
    expect((await get("..%2fpackages/v3.22/APKINDEX.tar.gz")).status).toBe(404);
  });

  it("leaves other paths to the other site", async () => {
    expect(await (await fetch(`${server.url}/v3.22/APKINDEX.tar.gz`)).text()).toBe("index");
  });
});
