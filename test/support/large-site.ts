import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Target, tagFor } from "../../scripts/model/target.ts";
import type { OtherImage, Site, SiteTarget } from "../../scripts/report/site/site.ts";
import { sizesOf } from "./sample-plan.ts";
import { MIXED_RUN } from "./sample-runs.ts";
import { READ_AT, sampleDigest, sampleSite, sampleSiteTarget, TEMPLATES } from "./sample-site.ts";
import { sampleCatalog, sampleRelease } from "./sample-target.ts";

/** So many targets, in images of five versions. @param packages in each beside those that a sample has */
export function largeSite(targets: number, packages = 0): Site {
  const all = Array.from({ length: Math.ceil(targets / 2) }, (_, index) => {
    const [image, version] = [`image-${Math.floor(index / 5)}`, String(50 - (index % 5))];
    const title = `Language ${Math.floor(index / 5)}`;
    const { runtime, dev } = sampleRelease({ image, version, title, tags: [version], budget: 30_000_000 });
    return [runtime, dev];
  }).flat();
  return sampleSite({
    catalog: sampleCatalog(all),
    targets: all.map((one) => withPackages(sampleSiteTarget(one), packages)),
  });
}

function withPackages(made: SiteTarget, number: number): SiteTarget {
  const { planned } = made.status;
  if (number === 0 || !planned.published) return made;
  const contents = Object.fromEntries(
    Array.from({ length: number }, (_, index) => [
      `package-${index}`,
      [`1.${index}-r0`, 100_000 + index] as const,
    ]),
  );
  const published = { ...planned.published, sizes: sizesOf(contents) };
  return { ...made, status: { ...made.status, planned: { ...planned, published } } };
}

/** A catalog's folder, whose documentation is this project's own. */
const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const DOCS = ["README.md", "docs/plan.md", "docs/trust.md", "docs/catalog.md"];

/** A site on which there is something of everything. */
export async function richSite(): Promise<Site> {
  const docs = await Promise.all(
    DOCS.map(async (path) => ({ path, text: await readFile(`${PROJECT}${path}`, "utf8") })),
  );
  docs.push({ path: "docs/tokens.md", text: "# Tokens\n\nA JSON Web Token is read by the app.\n" });
  const moving = JSON.parse(await readFile(`${TEMPLATES}/moving.json`, "utf8")) as Record<
    string,
    OtherImage[]
  >;
  const targets = [...nodeTargets(), ...phpTargets(), ...luaTargets()];
  const catalog = sampleCatalog(targets.map(({ status }) => status.planned.target));
  return sampleSite({
    catalog: { ...catalog, excluded: { zig: { title: "Zig", reason: "Alpine has no release of it." } } },
    targets,
    moving,
    docs,
    runs: [{ summary: MIXED_RUN, page: undefined }],
    left: [
      { name: "node:18", reference: "registry.example/base/node:18", digest: sampleDigest(18), at: READ_AT },
    ],
    strangers: [
      {
        ...{ image: "lua", tag: "mine", digest: sampleDigest(66) },
        annotations: { "org.opencontainers.image.title": "<b>not ours</b>" },
      },
    ],
  });
}

function pair(changes: Partial<Omit<Target, "variant" | "name">>) {
  const { runtime, dev } = sampleRelease({ budget: 30_000_000, ...changes });
  return [runtime, { ...dev, tags: runtime.tags.map((tag) => tagFor("dev", tag)) }] as const;
}

function nodeTargets() {
  const versions = [
    { version: "24", tags: ["24", "lts", "latest"], endOfLife: "2028-04-30", branch: "3.24" },
    { version: "22", tags: ["22"], endOfLife: "2027-04-30", branch: "3.22" },
  ];
  const ended = { version: "20", tags: ["20"], endOfLife: "2026-04-01", branch: "3.20" };
  return [
    ...versions.flatMap((one) => pair(one)).map((one) => sampleSiteTarget(one)),
    ...pair(ended).map((one) => sampleSiteTarget(one, { support: "archived" })),
  ];
}

function phpTargets() {
  const php = { image: "php", title: "PHP", package: "php84", description: "PHP's interpreter." };
  return pair({ ...php, version: "8.4", tags: ["8.4", "latest"], endOfLife: "2026-12-31" }).map((one) =>
    sampleSiteTarget(one, { support: "ending" }),
  );
}

function luaTargets() {
  const lua = { image: "lua", title: "Lua", package: "lua5.4", description: "The Lua interpreter." };
  const [first, second] = [
    pair({ ...lua, version: "5.4", tags: ["5.4", "latest"] }),
    pair({ ...lua, version: "5.1", tags: ["5.1"] }),
  ];
  const open = first.map((one) => {
    const problem = one.variant === "dev" ? { problem: "the content is damaged" } : {};
    const made = sampleSiteTarget(one, { reasons: [{ kind: "asked" }] }, problem);
    const name = "CVE-2026-31789";
    const found = {
      name,
      package: "musl",
      installed: "1.2.5-r8",
      fixed: "1.2.5-r9",
      platforms: ["linux/amd64"],
    };
    return { ...made, status: { ...made.status, vulnerabilities: [found] } };
  });
  const gone = second.map((one) => sampleSiteTarget(one, { published: undefined }));
  return [...open, ...gone];
}
