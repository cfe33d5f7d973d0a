import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../../scripts/model/ledger.ts";
import type { Published } from "../../../../scripts/model/published.ts";
import type { Target } from "../../../../scripts/model/target.ts";
import type { Site, SiteTarget } from "../../../../scripts/report/site/site.ts";
import { failedTarget, sampleRun } from "../../../support/sample-run.ts";
import { filesOf, sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleDebug, sampleRelease } from "../../../support/sample-target.ts";

/**
 * Whole files of a site as a browser, a reader of feeds or a program gets them, but for what is the same in all sites:
 * whoever changes what is in one sees here what comes of it. `npx vitest -u` writes them anew: read them before you commit
 * them.
 */
async function expectGolden(folder: string, site: Site): Promise<void> {
  const files = [...filesOf(site)].filter(([path]) => !/^site\.(?:css|js)$|schemas\//.test(path));
  for (const [path, text] of files) {
    await expect(text).toMatchFileSnapshot(`../../../golden/${folder}/${path}.txt`);
  }
  // A page that is not made any more would otherwise go unseen.
  const golden = await readdir(`test/golden/${folder}`, { recursive: true });
  const kept = golden.filter((path) => path.endsWith(".txt"));
  expect(files.map(([path]) => `${path}.txt`).sort()).toEqual(kept.sort());
}

const OPEN = {
  ...{ name: "CVE-2026-31789", package: "libcrypto3", installed: "3.3.2-r2", fixed: "3.3.2-r3" },
  platforms: ["linux/amd64"],
};

const seen = (id: string, installed: string, firstSeen: string) => ({
  ...{ id, package: "musl", installed, firstSeen, platforms: ["linux/amd64"] as const, sources: [] },
});

/** One that waits, one that was mended, one that was none. */
const LEDGER: Ledger = {
  target: "node:22",
  dropped: 0,
  looked: { at: "2026-11-24T04:00:00Z", digest: sampleDigest(3), sources: ["trivy", "secdb"] },
  entries: [
    {
      ...seen(OPEN.name, "3.3.2-r2", "2026-11-23T04:00:00Z"),
      ...{ package: "libcrypto3", severity: "high" },
      fixedByAlpine: { version: "3.3.2-r3", since: "2026-11-24T04:00:00Z" },
      exception: { kind: "not_affected", reason: "Not reached.", until: "2026-12-31" },
    },
    {
      ...seen("CVE-2025-1", "1.2.5-r7", "2026-09-01T04:00:00Z"),
      fixedByAlpine: { version: "1.2.5-r8", since: "2026-10-01T04:00:00Z" },
      publishedByUs: { digest: sampleDigest(2), time: "2026-10-02T03:10:00Z" },
    },
    { ...seen("CVE-2025-2", "1.2.5-r8", "2026-11-01T04:00:00Z"), withdrawn: "2026-11-02T04:00:00Z" },
  ],
};

/** A version that ends soon, with all that can be told of one: three variants, documents, a ledger, what is due and why. */
function ending(): SiteTarget[] {
  const all = { endOfLife: "2027-01-30", notes: "It reads `NODE_OPTIONS`." };
  const { runtime, dev } = sampleRelease({ ...all, budget: 30_000_000 });
  const debug = sampleDebug(all);
  const moved = { name: "libcrypto3", from: "3.3.2-r2", to: "3.3.2-r3", fixes: [OPEN.name], platforms: [] };
  const document = { title: "SBOM (CycloneDX)", path: "documents/sbom.json", bytes: 12_345 };
  const whole = sampleSiteTarget(runtime, {
    support: "ending",
    reasons: [
      { kind: "packages", moved: [moved] },
      { kind: "age", days: 21, limit: 20 },
    ],
  });
  const [manifest] = whole.manifests;
  if (!manifest?.config) throw new Error("the sample has a configuration");
  const config = {
    ...manifest.config,
    ...{ entrypoint: ["/bin/tini", "--"], ports: ["8080/tcp"], volumes: ["/data"], stopSignal: "SIGQUIT" },
    healthcheck: ["CMD", "node", "health.js"],
  };
  return [
    {
      ...whole,
      status: { ...whole.status, vulnerabilities: [OPEN], ledger: LEDGER },
      vulnerabilities: new Map([...whole.vulnerabilities, [sampleDigest(3), [OPEN]]]),
      tags: [...runtime.tags, "22.16", "22.16.0", "22.16.0-r1-0123456789ab"],
      manifests: [
        { ...manifest, config, documents: [document] },
        { platform: "linux/arm64", digest: sampleDigest(34), config: undefined, documents: [] },
      ],
      documents: [{ ...document, title: "VEX (OpenVEX)", path: "documents/vex.json" }],
      ledger: LEDGER,
    },
    sampleSiteTarget(dev, { support: "ending", reasons: [{ kind: "pair", pair: "node:22" }] }),
    unasked(sampleSiteTarget(debug, { support: "ending" }, { vulnerabilities: new Map(), tags: [] })),
  ];
}

/** Where nobody asks for signatures. */
function unasked(one: SiteTarget): SiteTarget {
  return { ...one, status: { ...one.status, isSigned: undefined } };
}

/** Where no list of fixes could be read. */
function unread(one: SiteTarget): SiteTarget {
  return { ...one, status: { ...one.status, vulnerabilities: undefined } };
}

/** Without a history. */
function forgotten(one: SiteTarget): SiteTarget {
  return { ...one, past: { ...one.past, images: [] } };
}

/** What was published of a target, on one platform alone, and without a word of what it weighs. */
function lacking(target: Target): Published | undefined {
  const { published } = sampleSiteTarget(target).status.planned;
  return published && { ...published, platforms: ["linux/amd64"], sizes: undefined };
}

/** A version that nobody mends any more. */
function archived(): SiteTarget[] {
  const { runtime, dev } = sampleRelease({ version: "20", tags: ["20"], endOfLife: "2026-04-01" });
  return [runtime, dev].map((target) =>
    sampleSiteTarget({ ...target, tags: [target.name.replace("node:", "")] }, { support: "archived" }),
  );
}

/** One that is as it should be, one that cannot be built, and one that somebody moved by hand. */
function others(): SiteTarget[] {
  const good = sampleRelease({ version: "24" });
  const lua = { image: "lua", title: "Lua", description: "The Lua interpreter.", package: "lua" };
  const never = sampleRelease({ ...lua, version: "5.5", place: "catalog.yaml:30:7" });
  const odd = sampleRelease({ ...lua, version: "5.4" });
  const none = (target: typeof never.runtime): SiteTarget => {
    const made = sampleSiteTarget(target, {
      published: undefined,
      obstacle: { text: "v3.24 has no lua5.5", excused: false },
    });
    return { ...made, past: { ...made.past, images: [] }, manifests: [], tags: [] };
  };
  const moved = sampleSiteTarget(odd.runtime);
  const [, older] = moved.past.images;
  return [
    // Another image has `latest`, and the registry lists tags as it likes.
    sampleSiteTarget(good.runtime, {}, { tags: ["24.9.0", "24", "24.10"] }),
    unread(sampleSiteTarget(good.dev, { published: lacking(good.dev) })),
    ...[never.runtime, never.dev].map((target) => none(target)),
    {
      ...moved,
      status: {
        ...moved.status,
        planned: { ...moved.status.planned, published: older?.published },
        isSigned: false,
      },
    },
    forgotten(sampleSiteTarget(odd.dev, {}, { problem: "HTTP 502" })),
  ];
}

describe("a site", () => {
  it("has all that there is to tell where there is something of everything", async () => {
    // What nobody should be sent to comes first: what has ended, and another image.
    const targets = [...archived(), ...others().toReversed(), ...ending()];
    const own = targets.map(({ status }) => status.planned.target);
    const nodes = own.filter(({ image }) => image === "node");
    await expectGolden(
      "site-everything",
      sampleSite({
        catalog: {
          ...sampleCatalog([...nodes, ...own.filter(({ image }) => image !== "node")]),
          site: "https://images.example",
          excluded: { cobol: { title: "COBOL", reason: "Alpine has no compiler for it." } },
        },
        targets,
        left: [{ name: "node:18", reference: "node:18", digest: sampleDigest(18), at: new Date(0) }],
        strangers: [
          { image: "node", tag: "mine", digest: sampleDigest(99), annotations: { "org.example": "hello" } },
        ],
        // More than are shown.
        runs: Array.from({ length: 16 }, (_, nightsAgo) => ({
          summary:
            nightsAgo === 1
              ? sampleRun({ nightsAgo, targets: [failedTarget("lua:5.4", "no lua")] })
              : sampleRun({ nightsAgo }),
          page: nightsAgo < 2 ? `runs/${nightsAgo}.html` : undefined,
        })),
        unknown: ["the mirror answered with HTTP 502"],
        docs: [
          {
            path: "README.md",
            text: "# Birds\n\nSee [the plan](docs/plan.md) and [Node.js](images/node/README.md).\n",
          },
          { path: "docs/plan.md", text: "# Plan\n\n## Reasons\n\nWhat is due, and why: `make plan`.\n" },
        ],
        moving: {
          node: [
            {
              name: "node:alpine",
              sources: ["https://example.org/node"],
              facts: { user: "root", shell: "yes", colour: "blue" },
              changes: ["FROM node:{{version}}-dev"],
            },
          ],
        },
      }),
    );
  });

  it("says that there is nothing where nothing is published yet, and that the sandbox is one", async () => {
    const { runtime, dev } = sampleRelease();
    const none = [runtime, dev].map((target) => {
      const made = sampleSiteTarget(target, { published: undefined });
      const status = { ...made.status, at: undefined, vulnerabilities: undefined, isSigned: undefined };
      const past = { target, now: undefined, images: [] };
      return {
        ...made,
        status,
        past,
        manifests: [],
        tags: [],
        licences: new Map(),
        vulnerabilities: new Map(),
      };
    });
    await expectGolden(
      "site-nothing",
      sampleSite({ targets: none, isSandbox: true, verification: undefined }),
    );
  });
});
