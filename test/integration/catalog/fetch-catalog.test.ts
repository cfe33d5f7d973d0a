import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchCatalog } from "../../../scripts/catalog/extend/parent.ts";

const TEXT = "images: {}\n";
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a catalog at an address", () => {
  let server: Server;
  let address: string;
  let cache: string;
  const asked: string[] = [];

  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "birdhouse-cache-"));
    server = createServer(({ url = "" }, response) => {
      asked.push(url);
      if (url === "/large") response.end("#".repeat(3 * 1024 * 1024));
      else if (url === "/latin") response.end(Buffer.from("a: \xe9\n", "latin1"));
      else if (url === "/catalog.yaml") response.end(TEXT);
      else response.writeHead(404).end("no\n");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const bound = server.address();
    address = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
  });
  afterAll(async () => {
    server.close();
    await rm(cache, { recursive: true });
  });

  const fetch = (path: string, digest: string, from: string | undefined = cache) =>
    fetchCatalog({ kind: "address", file: `${address}${path}`, digest }, from);

  it("is downloaded once, and then is there without the server", async () => {
    expect(await fetch("/catalog.yaml", digestOf(TEXT))).toBe(TEXT);
    expect(await fetch("/catalog.yaml", digestOf(TEXT))).toBe(TEXT);
    expect(asked).toEqual(["/catalog.yaml"]);
    expect(await readdir(join(cache, "catalogs"))).toEqual([`${digestOf(TEXT)}.yaml`]);
  });

  it("is downloaded where no cache can be had", async () => {
    expect(await fetch("/catalog.yaml", digestOf(TEXT), "/dev/null/cache")).toBe(TEXT);
  });

  it("is refused with another digest, which is told, and not kept", async () => {
    await expect(fetch("/catalog.yaml", digestOf("other"))).rejects.toThrow(
      `what is there has another digest, sha256=${digestOf(TEXT)}: if you have read it`,
    );
    expect(await readdir(join(cache, "catalogs"))).toHaveLength(1);
  });

  it("is refused where it is not there, and where it is too large", async () => {
    await expect(fetch("/none", digestOf("none"))).rejects.toThrow("the server answers 404");
    await expect(fetch("/large", digestOf("large"))).rejects.toThrow(/more than|larger|limit|bytes/);
  });

  it("is refused where it is not UTF-8", async () => {
    const digest = createHash("sha256").update(Buffer.from("a: \xe9\n", "latin1")).digest("hex");
    await expect(fetch("/latin", digest)).rejects.toThrow("this byte is not UTF-8");
  });
});
