import { formatBytes } from "../../system/shown/format.ts";
import type { SiteVersion } from "./images.ts";
import type { Site, SiteTarget } from "./site.ts";
import { standingOf } from "./standing.ts";
import { agoText, bytesText, dayOf, exactVersion, fixableOf, heaviest, tagIn, UNKNOWN } from "./words.ts";

/** What version.hbs shows: how a version stands, and each of its variants. Pure. */
export function versionView(site: Site, { version, id, kind, word, targets, release }: SiteVersion) {
  const { endOfLife, branch, image } = release.runtime;
  const successor = successorOf(site, release.runtime.image, version);
  return {
    version,
    id,
    kind,
    word,
    branch,
    end: endOfLife ?? "no date",
    // What has no end needs none.
    successor: kind === "archived" || kind === "ending" ? successor : undefined,
    targets: targets.map((one) => targetView(site, one)),
    image,
  };
}

/** The newest version that is supported: where who pulls one that ends should go. */
function successorOf(site: Site, image: string, version: string): string | undefined {
  const supported = site.targets.find(
    ({ status: { planned } }) =>
      planned.target.image === image && planned.support === "supported" && planned.published,
  );
  const next = supported?.status.planned.target.version;
  return next === version ? undefined : next;
}

function targetView(site: Site, one: SiteTarget) {
  const { status } = one;
  const { target, published } = status.planned;
  const { registry } = site.catalog;
  const fixable = fixableOf(status);
  const standing = standingOf(one, site.readAt);
  const platforms = [...(published?.sizes ?? [])].map(([platform, { compressed, unpacked }]) => ({
    platform,
    text: `${formatBytes(compressed)} to pull, ${formatBytes(unpacked)} on disk`,
  }));
  return {
    name: target.name,
    variant: target.variant,
    kind: standing.kind,
    word: standing.word,
    told: standing.told,
    isPublished: published !== undefined,
    exact: exactVersion(target, published?.sizes) ?? UNKNOWN,
    digest: published?.digest ?? "",
    from: published ? `FROM ${registry}/${target.name}@${published.digest}` : undefined,
    at: status.at ? dayOf(status.at) : UNKNOWN,
    age: agoText(status.at, site.readAt),
    size: bytesText(heaviest(published?.sizes)?.compressed),
    platforms,
    fixable: fixable ? (fixable.length === 0 ? "none" : String(fixable.length)) : UNKNOWN,
    isAffected: (fixable?.length ?? 0) > 0,
    signed: status.isSigned === undefined ? "not asked for" : status.isSigned ? "signed" : "not signed",
    tags: tagsInOrder(one),
  };
}

/** Those that the catalog gives it first, and then the exact ones. */
function tagsInOrder({ status, tags }: SiteTarget): readonly string[] {
  const { target } = status.planned;
  const own = target.tags.filter((tag) => tags.includes(tag));
  const rest = tags.filter((tag) => !own.includes(tag)).sort();
  return tags.length > 0 ? [...own, ...rest] : [tagIn(target)];
}
