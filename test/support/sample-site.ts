import { fileURLToPath } from "node:url";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import type { Published } from "../../scripts/model/published.ts";
import type { Target } from "../../scripts/model/target.ts";
import type { PlannedTarget } from "../../scripts/plan/plan.ts";
import type { Vulnerability } from "../../scripts/plan/vulnerable.ts";
import { loadSitePages } from "../../scripts/report/site/pages.ts";
import type { Site, SiteTarget } from "../../scripts/report/site/site.ts";
import { publishedOf, sizesOf } from "./sample-plan.ts";
import { sampleCatalog, samplePlanned, sampleRelease } from "./sample-target.ts";

/** Sites for tests, and the pages that are made of them by the templates that users have. */

export const TEMPLATES = fileURLToPath(new URL("../../templates/site", import.meta.url));
const sitePages = await loadSitePages(TEMPLATES);

export const READ_AT = new Date("2026-11-25T06:00:00Z");

/** The digest of a number: one as long as any. */
export function sampleDigest(number: number): string {
  return digestOf(Buffer.from(String(number)));
}

/** A build of a past: its number, its day, and the versions of two packages that it has. */
interface SampleBuild {
  readonly number: number;
  readonly day: string;
  readonly openssl: string;
  readonly compressed?: number;
}

/** The newest first. */
const BUILDS: readonly SampleBuild[] = [
  { number: 3, day: "2026-11-20", openssl: "3.3.2-r2", compressed: 24_900_000 },
  { number: 2, day: "2026-10-02", openssl: "3.3.2-r1", compressed: 25_400_000 },
  { number: 1, day: "2026-08-11", openssl: "3.3.2-r0", compressed: 24_100_000 },
];

const FIXED: Vulnerability = {
  ...{ name: "CVE-2024-9143", package: "libcrypto3", installed: "3.3.2-r0", fixed: "3.3.2-r1" },
  platforms: ["linux/amd64"],
};

/** What a build of a target is. */
function buildOf(target: Target, { number, openssl, compressed = 24_500_000 }: SampleBuild): Published {
  const sizes = sizesOf({
    libcrypto3: [openssl, 4_489_216],
    [target.package]: ["22.16.0-r1", 53_000_000],
    musl: ["1.2.5-r8", 667_648],
  });
  const weighed = new Map([...sizes].map(([platform, one]) => [platform, { ...one, compressed }]));
  return publishedOf(target, { digest: sampleDigest(number), sizes: weighed });
}

/** A target of which three builds were published; `changes` are of its plan, `rest` of the rest. */
export function sampleSiteTarget(
  target: Target,
  changes: Partial<PlannedTarget> = {},
  rest: Partial<SiteTarget> = {},
): SiteTarget {
  const images = BUILDS.map((build) => ({
    entry: {
      image: {
        mediaType: "application/vnd.oci.image.index.v1+json",
        digest: sampleDigest(build.number),
        size: 1,
      },
      created: new Date(`${build.day}T03:10:00Z`),
      confirmed: new Date(`${build.day}T03:10:00Z`),
    },
    published: buildOf(target, build),
  }));
  const published = images[0]?.published;
  const planned = samplePlanned(target, { published, ...changes });
  return {
    status: { planned, vulnerabilities: [], at: images[0]?.entry.created, isSigned: true },
    past: { target, now: planned.published?.digest, images },
    vulnerabilities: new Map([
      [sampleDigest(3), []],
      [sampleDigest(2), []],
      [sampleDigest(1), [FIXED]],
    ]),
    tags: target.tags,
    manifests: [
      {
        platform: "linux/amd64",
        digest: sampleDigest(33),
        config: {
          ...{ created: "2026-11-18T00:00:00Z", user: "65532:65532", env: ["NODE_ENV=production"] },
          ...{ entrypoint: [], cmd: ["node"], workdir: "/home/nonroot", ports: [], volumes: [] },
          ...{ stopSignal: undefined, healthcheck: [] },
        },
        documents: [],
      },
    ],
    documents: [],
    licences: new Map([["libcrypto3", "Apache-2.0"]]),
    ...rest,
  };
}

/** A site of node:22 and its pair, unless told otherwise. */
export function sampleSite(changes: Partial<Site> = {}): Site {
  const { runtime, dev } = sampleRelease({ budget: 30_000_000, endOfLife: "2027-04-30" });
  return {
    catalog: sampleCatalog([runtime, dev]),
    readAt: READ_AT,
    version: "0.1.0",
    isSandbox: false,
    targets: [sampleSiteTarget(runtime), sampleSiteTarget(dev)],
    left: [],
    strangers: [],
    unknown: [],
    verification: {
      kind: "key",
      publicKey: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
      log: false,
    },
    runs: [],
    docs: [],
    moving: {},
    ...changes,
  };
}

/** The files of a site, by path. */
export function filesOf(site: Site): Map<string, string> {
  return new Map(sitePages(site));
}
