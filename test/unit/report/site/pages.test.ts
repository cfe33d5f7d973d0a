import { describe, expect, it } from "vitest";
import type { Site, SiteTarget } from "../../../../scripts/report/site/site.ts";
import { filesOf, sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleRelease } from "../../../support/sample-target.ts";

/** What anybody may write where a stranger's text is shown. */
const HOSTILE = `"><script>alert(1)</script>\u001b[31m<img src=x onerror=alert(1)>`;

/** Every text of a value is hostile; numbers, dates and what chooses among cases stay. */
function poisoned(value: unknown, key = ""): unknown {
  if (typeof value === "string") return KEPT.has(key) ? value : `${value}${HOSTILE}`;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, key));
  if (value instanceof Date) return value;
  if (value instanceof Map) {
    return new Map([...value].map(([name, one]) => [poisoned(name, key), poisoned(one, key)]));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, name)]));
}

/** Names and days that the catalog's schema bounds, and what chooses among cases. */
const KEPT = new Set([
  "image",
  "version",
  "name",
  "variant",
  "endOfLife",
  "kind",
  "support",
  "digest",
  "now",
]);

describe("the pages of a site", () => {
  it("show an image by what its registry says: to copy, what changed, and what was closed when", () => {
    const page = filesOf(sampleSite()).get("images/node.html");
    expect(page).toContain(`FROM registry.example/base/node:22@${sampleDigest(3)}`);
    expect(page).toContain("libcrypto3 3.3.2-r1 → 3.3.2-r2");
    expect(page).toMatch(/CVE-2024-9143<\/th><td class="keep">2026-10-02</);
    expect(page).toContain("Apache-2.0");
    expect(page).toContain("-----BEGIN PUBLIC KEY-----");
    expect(page).toMatch(/<svg [^>]*aria-label="node:22: from 24\.1 MB on 2026-08-11 to 24\.9 MB/);
  });

  it("come with what they look like and what they do", () => {
    const files = filesOf(sampleSite());
    expect(files.get("site.css")).toContain(".masthead");
    expect(files.get("site.js")).toContain("birdhouseSearch");
  });

  it("say how to verify, with all files that it takes", () => {
    const trustedRoot = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}';
    const byKey = filesOf(
      sampleSite({ verification: { kind: "key", publicKey: "-----BEGIN", log: true, trustedRoot } }),
    );
    const commands = (files: ReadonlyMap<string, string>) => {
      const page = files.get("images/node.html") ?? "";
      return [...page.matchAll(/>(cosign verify[^<@]*)@/g)].map(([, one]) => one);
    };
    const reference = "registry.example/base/node:22";
    const flags = "--key cosign.pub --trusted-root trusted_root.json";
    expect(commands(byKey)).toEqual([
      `cosign verify ${flags} ${reference}`,
      `cosign verify-attestation ${flags} --type slsaprovenance1 ${reference}`,
      `cosign verify-attestation ${flags} --type cyclonedx ${reference}`,
    ]);
    expect(byKey.get("trusted_root.json")).toBe(trustedRoot);
    expect(byKey.get("images/node.html")).toContain('<a href="../trusted_root.json" download>');
    const verification = { kind: "keyless", subject: "me", issuer: "https://issuer.example" } as const;
    const keyless = filesOf(sampleSite({ verification: { ...verification, trustedRoot } }));
    expect(commands(keyless)[0]).toBe(
      `cosign verify --certificate-identity me --certificate-oidc-issuer https://issuer.example --trusted-root trusted_root.json ${reference}`,
    );
    expect(keyless.get("images/node.html")).toContain('<a href="../trusted_root.json" download>');
    const publicOne = filesOf(sampleSite({ verification }));
    expect(commands(publicOne)[0]).not.toContain("--trusted-root");
    expect([...publicOne.keys()]).not.toContain("trusted_root.json");
    expect(publicOne.get("images/node.html")).not.toContain("trusted_root.json");
  });

  it("show hostile text as text, in every field", () => {
    const site = poisoned({
      ...sampleSite(),
      unknown: ["x"],
      left: [{ name: "node:18", reference: "x", digest: "x", at: undefined }],
      strangers: [{ image: "node", tag: "x", digest: "x", annotations: { a: "b" } }],
      docs: [{ path: "docs/plan.md", text: "# Plan\n\n[x](javascript:alert(1)) " }],
    }) as Site;
    for (const [path, text] of filesOf(site)) {
      // A copy of a file of the maintainer's, and what is the same for all sites.
      if (/\.(?:pub|css)$|^site\.js$/.test(path) || path.includes("schemas/")) continue;
      expect(text, path).not.toContain("\u001b");
      if (/\.json$|^search\.js$/.test(path)) continue;
      expect(text, path).not.toMatch(/<script>|<img src=x|href="javascript/);
    }
  });

  it("name nothing to pull that is not there", () => {
    const { runtime, dev } = sampleRelease();
    const gone = (target: typeof runtime): SiteTarget => {
      const made = sampleSiteTarget(target, { published: undefined });
      return { ...made, past: { ...made.past, images: [] } };
    };
    const catalog = sampleCatalog([runtime, dev]);
    const page = (targets: SiteTarget[]) =>
      filesOf(sampleSite({ catalog, targets })).get("images/node.html") ?? "";
    const none = page([gone(runtime), gone(dev)]);
    expect(none).toContain("Nothing of it is published.");
    expect(none).not.toMatch(/registry\.example\/base\/node:/);
    expect(page([sampleSiteTarget(runtime), gone(dev)])).not.toContain("base/node:22-dev");
    expect(page([sampleSiteTarget(runtime), sampleSiteTarget(dev)])).toContain("base/node:22-dev sh");
  });

  it("say unknown where nobody knows, and never invent", () => {
    const { runtime, dev } = sampleRelease();
    const bare = (target: typeof runtime): SiteTarget => {
      const published = { digest: sampleDigest(9), inputs: undefined };
      const full = sampleSiteTarget(target, { published });
      return {
        ...full,
        status: { ...full.status, at: undefined, vulnerabilities: undefined, isSigned: undefined },
        past: { target, now: sampleDigest(9), images: [] },
        ...{ vulnerabilities: new Map(), manifests: [], licences: new Map() },
      };
    };
    const files = filesOf(
      sampleSite({ catalog: sampleCatalog([runtime, dev]), targets: [bare(runtime), bare(dev)] }),
    );
    const page = files.get("images/node.html");
    expect(page).toContain("Not made by this Birdhouse");
    expect(page).toContain("Nobody can tell");
    expect(files.get("index.html")).toContain("vulnerabilities unknown");
    expect(page).not.toContain("24.5 MB");
  });

  it("have a front of at most 150 kB for 514 targets", async () => {
    const { gzipSync } = await import("node:zlib");
    const releases = Array.from({ length: 46 }, (_, image) =>
      Array.from({ length: image < 43 ? 6 : 5 }, (_, version) =>
        sampleRelease({ image: `image-${image}`, version: String(version), title: `Language ${image}` }),
      ),
    ).flat();
    const targets = releases.flatMap(({ runtime, dev }) => [runtime, dev]);
    const files = filesOf(
      sampleSite({ catalog: sampleCatalog(targets), targets: targets.map((one) => sampleSiteTarget(one)) }),
    );
    const sent = ["index.html", "site.css", "site.js"].map((path) => gzipSync(files.get(path) ?? "").length);
    expect(targets.length).toBeGreaterThanOrEqual(514);
    expect(sent.reduce((sum, one) => sum + one)).toBeLessThan(150_000);
  });
});
