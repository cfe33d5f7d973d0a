import { count, formatBytes } from "../../system/shown/format.ts";
import { buildsOf, type ReasonsByDigest } from "./builds.ts";
import { documentRows, verifyView } from "./documents.ts";
import type { SiteImage, SiteVersion } from "./images.ts";
import { movingView } from "./moving.ts";
import { pairView } from "./pair.ts";
import type { Site, SiteTarget } from "./site.ts";
import { sizeChart } from "./size-chart.ts";
import { useView } from "./use.ts";
import { versionView } from "./versions.ts";
import { vulnerabilitiesView } from "./vulnerabilities.ts";
import { bytesText, dayOf, heaviest, idOf, tagIn, UNKNOWN } from "./words.ts";

/** What image.hbs shows of one image, the version that stands for it first. Pure. */
export function imageView(site: Site, image: SiteImage, reasons: ReasonsByDigest) {
  const { name, title, versions, shown, strangers } = image;
  const { target } = shown.runtime.status.planned;
  const living = versions.filter(({ kind }) => kind !== "archived" && kind !== "absent");
  const folded = versions.filter((one) => !living.includes(one));
  const charts = living.flatMap(({ runtime }) => chartOf(runtime, reasons));
  const published = versions.flatMap(({ targets }) => targets).filter((one) => one.status.planned.published);
  return {
    name,
    title,
    description: target.description,
    repository: `${site.catalog.registry}/${name}`,
    shown: shown.version,
    lines: fromLines(site, shown),
    // Of what nobody can pull there is nothing to tell but that.
    isPublished: published.length > 0,
    versions: living.map((one) => versionView(site, one)),
    folded: folded.map((one) => versionView(site, one)),
    foldedTitle: `${count(folded.length, "version")} that ended or ${folded.length === 1 ? "is" : "are"} not published`,
    strangers: strangers.map((one) => ({ ...one, says: saysOf(one.annotations) })),
    left: site.left
      .filter((one) => one.name.startsWith(`${name}:`))
      .map(({ name: left, digest = UNKNOWN, at }) => ({ name: left, digest, at: at ? dayOf(at) : UNKNOWN })),
    pair: pairView(shown),
    charts,
    packages: published.map((one) => packagesView(one)),
    builds: published.map((one) => buildsView(one, reasons)),
    vulnerabilities: vulnerabilitiesView(published, site.readAt),
    verify: verifyView(site, shown),
    documents: published.flatMap((one) => documentRows(one)),
    use: shown.runtime.status.planned.published && useView(site, shown),
    moving: movingView(site, shown),
  };
}

/** What is put into a Dockerfile: one that never moves, by its digest. */
function fromLines({ catalog }: Site, { targets }: SiteVersion) {
  return targets.flatMap(({ status: { planned } }) =>
    planned.published
      ? [
          {
            name: planned.target.name,
            text: `FROM ${catalog.registry}/${planned.target.name}@${planned.published.digest}`,
          },
        ]
      : [],
  );
}

function chartOf(one: SiteTarget, reasons: ReasonsByDigest) {
  const { target } = one.status.planned;
  return sizeChart(target.name, buildsOf(one, reasons), target.budget) ?? [];
}

/** What an image holds, the largest first: of its heaviest platform, which the others are like. */
function packagesView({ status, licences }: SiteTarget) {
  const { target, published } = status.planned;
  const sizes = heaviest(published?.sizes);
  const packages = [...(sizes?.packages ?? [])].sort(
    ([a, one], [b, other]) => other.unpacked - one.unpacked || (a < b ? -1 : 1),
  );
  return {
    name: target.name,
    id: idOf("packages", tagIn(target)),
    lede: sizes ? `${count(packages.length, "package")}, ${sizes.platform}` : `packages ${UNKNOWN}`,
    rows: packages.map(([name, { version, unpacked }]) => ({
      name,
      version,
      size: formatBytes(unpacked),
      licence: licences.get(name) ?? UNKNOWN,
    })),
  };
}

function buildsView(one: SiteTarget, reasons: ReasonsByDigest) {
  const { name } = one.status.planned.target;
  const builds = buildsOf(one, reasons);
  return {
    name,
    id: idOf("builds", tagIn(one.status.planned.target)),
    lede: builds.length === 0 ? "no history" : count(builds.length, "build"),
    rows: builds.map((build) => ({
      day: dayOf(build.created),
      digest: build.digest,
      marks: [build.isNow ? "now" : "", build.isThere ? "" : "no longer in the registry"].filter(Boolean),
      size: bytesText(build.compressed),
      why: build.why,
      changes: build.changes,
      closed: build.closed ?? [],
    })),
  };
}

/** What a tag of somebody else says of itself, each as a text. */
function saysOf(annotations: Readonly<Record<string, string>>) {
  return Object.entries(annotations)
    .slice(0, MOST_ANNOTATIONS)
    .map(([key, value]) => ({ key: key.slice(0, LONGEST), value: value.slice(0, LONGEST) }));
}

const MOST_ANNOTATIONS = 20;
/** Characters. */
const LONGEST = 400;
