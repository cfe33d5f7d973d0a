import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { filesOf, sampleDigest, sampleSite } from "../../../support/sample-site.ts";

const HOSTILE = `</title><script>alert(1)</script>]]>&\u001b[2J\u0000`;
const files = filesOf(
  sampleSite({ strangers: [{ image: "node", tag: HOSTILE, digest: sampleDigest(5), annotations: {} }] }),
);
const json = (path: string) => JSON.parse(files.get(`api/v1/${path}`) ?? "") as Record<string, unknown>;

describe("what the site tells programs", () => {
  it.each([
    ["index.json", "index"],
    ["tags.json", "tags"],
    ["packages.json", "packages"],
    ["cves.json", "cves"],
    ["images/node.json", "image"],
  ])("is as its schema says: %s", (path, name) => {
    const ajv = new Ajv2020({ strict: true });
    // The types are of the module's older form.
    (addFormats as unknown as (one: Ajv2020) => void)(ajv);
    const validate = ajv.compile(json(`schemas/${name}.schema.json`));
    validate(json(path));
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...json(path), more: 1 })).toBe(false);
  });

  it("has digests, packages, and who holds a vulnerability and since when nobody does", () => {
    expect(json("tags.json").tags).toMatchObject([
      { name: "node:22", digest: sampleDigest(3), state: "supported", packageVersion: "22.16.0-r1" },
      { name: "node:22-dev" },
    ]);
    expect(json("cves.json").cves).toMatchObject({
      "CVE-2024-9143": [{ closed: "2026-10-02T03:10:00.000Z", tags: ["node:22", "node:22-dev"] }],
    });
    expect((json("packages.json").packages as Record<string, unknown[]>).libcrypto3).toContainEqual({
      ...{ tag: "node:22", platform: "linux/amd64", version: "3.3.2-r2" },
    });
  });
});

/** What RFC 4287 wants of a feed and of each entry. */
const NEEDED = ["id", "title", "updated"] as const;

describe("the feeds", () => {
  it.each(["feed.xml", "feeds/node.xml"])("are well-formed, and have what Atom wants: %s", (path) => {
    const text = files.get(path) ?? "";
    expect(opened(text)).toEqual([]);
    const [head = "", ...entries] = text.split("<entry>");
    expect(entries).toHaveLength(6);
    for (const part of [head, ...entries]) {
      for (const name of NEEDED) expect(part).toMatch(new RegExp(`<${name}>[^<]+</${name}>`));
    }
    expect(head).toMatch(/<author><name>/);
    const ids = entries.map((entry) => /<id>([^<]+)/.exec(entry)?.[1]);
    expect(new Set(ids).size).toBe(6);
    expect(text).toContain("<updated>2026-11-20T03:10:00.000Z</updated>");
    expect(text).toContain("closed: CVE-2024-9143");
  });

  it("lead to the address of the site, where the catalog says it", () => {
    const site = sampleSite();
    const feed = filesOf({ ...site, catalog: { ...site.catalog, site: "https://images.example" } }).get(
      "feed.xml",
    );
    expect(feed).toContain('href="https://images.example/index.html"');
    expect(feed).toContain('href="https://images.example/images/node.html"');
    expect(files.get("feeds/node.xml")).toContain('href="../images/node.html"');
  });

  it("have a stranger's words as text", () => {
    const site = sampleSite();
    const feed = filesOf({ ...site, catalog: { ...site.catalog, registry: HOSTILE } }).get("feed.xml") ?? "";
    expect(opened(feed)).toEqual([]);
    expect(feed).not.toMatch(/<script|[\u0000-\u0008\u001b]/);
  });
});

/** What a document of XML without comments opens and does not close in its order, and signs that stand for none. */
function opened(text: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [whole, close, name = "", end] of text.matchAll(/<(\/?)([a-z?]+)[^<>]*?([/?]?)>/g)) {
    if (close === "/") {
      if (open.pop() !== name) wrong.push(whole);
    } else if (end === "") open.push(name);
  }
  const rest = text.replace(/<[^<>]*>/g, "");
  return [...wrong, ...open, ...(rest.match(/[<>]|&(?!#\d+;)/g) ?? [])];
}
