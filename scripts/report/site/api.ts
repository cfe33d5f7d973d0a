import { z } from "zod";
import { isDue } from "../../plan/plan.ts";
import { escapeJson, shownIn } from "../../system/shown/output.ts";
import { type Api, schemas } from "./api-schemas.ts";
import { buildsOf, type ReasonsByDigest } from "./builds.ts";
import type { SiteImage } from "./images.ts";
import type { Site, SiteTarget } from "./site.ts";
import { standingOf } from "./standing.ts";
import { unreadOf, vulnerabilityRows } from "./vulnerabilities.ts";
import { exactVersion, fixableOf, pageOf } from "./words.ts";

/** Below the site's folder. */
const FOLDER = "api/v1";

/** What programs read, and the schemas of it. Pure. */
export function* apiFiles(
  site: Site,
  images: readonly SiteImage[],
  reasons: ReasonsByDigest,
): Generator<readonly [path: string, text: string]> {
  yield [`${FOLDER}/index.json`, json(indexOf(site, images))];
  yield [`${FOLDER}/tags.json`, json({ ...head(site), tags: site.targets.map((one) => tagOf(site, one)) })];
  yield [`${FOLDER}/packages.json`, json(packagesOf(site))];
  yield [`${FOLDER}/cves.json`, json(cvesOf(site))];
  for (const image of images) {
    yield [`${FOLDER}/images/${image.name}.json`, json(imageOf(site, image, reasons))];
  }
  for (const [name, schema] of Object.entries(schemas)) {
    yield [`${FOLDER}/schemas/${name}.schema.json`, `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`];
  }
}

function json(document: Api[keyof Api]): string {
  return `${escapeJson(JSON.stringify(shownIn(document)))}\n`;
}

function head({ catalog, readAt }: Site) {
  return { version: 1, registry: catalog.registry, readAt: readAt.toISOString() } as const;
}

function indexOf(site: Site, images: readonly SiteImage[]): Api["index"] {
  return {
    ...head(site),
    images: images.map(({ name, title, shown, versions }) => ({
      name,
      title,
      description: shown.release.runtime.description,
      page: `../../${pageOf(name)}`,
      document: `images/${name}.json`,
      feed: `../../feeds/${name}.xml`,
      versions: versions.map(({ version, kind }) => ({ version, state: kind })),
    })),
  };
}

function tagOf({ readAt }: Site, one: SiteTarget): Api["tags"]["tags"][number] {
  const { status, tags } = one;
  const { target, published } = status.planned;
  const standing = standingOf(one, readAt);
  return {
    name: target.name,
    image: target.image,
    catalogVersion: target.version,
    variant: target.variant,
    state: standing.kind,
    says: [...standing.told],
    digest: published?.digest ?? null,
    published: status.at?.toISOString() ?? null,
    packageVersion: exactVersion(target, published?.sizes) ?? null,
    tags: [...tags],
    endOfLife: target.endOfLife ?? null,
    fixable: fixableOf(status)?.length ?? null,
    signed: status.isSigned ?? null,
    due: isDue(status.planned),
  };
}

function imageOf(site: Site, image: SiteImage, reasons: ReasonsByDigest): Api["image"] {
  const { name, title, shown, versions, strangers } = image;
  return {
    ...head(site),
    name,
    title,
    description: shown.release.runtime.description,
    tags: versions.flatMap(({ targets }) =>
      targets.map((one) => ({
        ...tagOf(site, one),
        budget: one.status.planned.target.budget ?? null,
        platforms: platformsOf(one),
        builds: buildsOf(one, reasons).map((build) => ({
          digest: build.digest,
          published: build.created.toISOString(),
          now: build.isNow,
          available: build.isThere,
          why: [...build.why],
          changes: [...build.changes],
          closed: build.closed ? [...build.closed] : null,
        })),
      })),
    ),
    strangers: strangers.map(({ tag, digest }) => ({ tag, digest })),
  };
}

function platformsOf({ status, manifests, licences }: SiteTarget) {
  return [...(status.planned.published?.sizes ?? [])].map(([platform, sizes]) => {
    const manifest = manifests.find((one) => one.platform === platform);
    return {
      platform,
      digest: manifest?.digest ?? null,
      compressedSize: sizes.compressed,
      unpackedSize: sizes.unpacked,
      packages: [...sizes.packages].map(([name, { version, unpacked }]) => ({
        name,
        version,
        unpackedSize: unpacked,
        licence: licences.get(name) ?? null,
      })),
      documents: (manifest?.documents ?? []).map(({ title, path }) => ({ title, path })),
    };
  });
}

function packagesOf(site: Site): Api["packages"] {
  const packages = new Map<string, { tag: string; platform: string; version: string }[]>();
  for (const { status } of site.targets) {
    const { target, published } = status.planned;
    for (const [platform, { packages: held }] of published?.sizes ?? []) {
      for (const [name, { version }] of held) {
        const row = { tag: target.name, platform, version };
        const rows = packages.get(name);
        if (rows) rows.push(row);
        else packages.set(name, [row]);
      }
    }
  }
  return { ...head(site), packages: Object.fromEntries([...packages].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function cvesOf(site: Site): Api["cves"] {
  const cves = new Map<string, Api["cves"]["cves"][string]>();
  const published = site.targets.filter(({ status }) => status.planned.published);
  for (const one of vulnerabilityRows(published)) {
    const { name, fixed, installed, holders, closed, firstSeen, severity, exception } = one;
    const row = {
      fixed: fixed ?? null,
      installed: [...installed],
      tags: [...holders],
      firstSeen: firstSeen?.toISOString() ?? null,
      closed: closed?.toISOString() ?? null,
      severity: severity ?? null,
      exception: exception ?? null,
    };
    cves.set(name, [...(cves.get(name) ?? []), row]);
  }
  return {
    ...head(site),
    cves: Object.fromEntries([...cves].sort(([a], [b]) => (a < b ? -1 : 1))),
    unknown: unreadOf(published),
  };
}
