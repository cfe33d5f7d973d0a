import { eachOf, type Release, releasesOf } from "../../model/target.ts";
import { groupBy } from "../../system/group.ts";
import type { Site, SiteTarget, StrangeTag } from "./site.ts";
import { type Standing, standingOf } from "./standing.ts";
import { idOf } from "./words.ts";

/** One version of an image: all of its variants. */
export interface SiteVersion {
  readonly version: string;
  /** Of its place in the image's page. */
  readonly id: string;
  readonly release: Release;
  readonly runtime: SiteTarget;
  /** Runtime first. */
  readonly targets: readonly SiteTarget[];
  /** How it stands: as the variant does of which there is most to say. */
  readonly kind: Standing["kind"];
  readonly word: string;
}

/** An image with its versions, the newest first. */
export interface SiteImage {
  readonly name: string;
  readonly title: string;
  readonly versions: readonly SiteVersion[];
  /** The one that stands for it. */
  readonly shown: SiteVersion;
  readonly strangers: readonly StrangeTag[];
}

/** The images of a site, in the catalog's order. Pure. */
export function imagesOf(site: Site): SiteImage[] {
  const byName = new Map(site.targets.map((one) => [one.status.planned.target.name, one]));
  const releases = releasesOf(site.catalog.targets);
  const versions = releases.flatMap((release) => versionOf(release, byName, site.readAt));
  return [...groupBy(versions, ({ release }) => release.image)].map(([name, [first, ...rest]]) => ({
    name,
    title: first.release.runtime.title,
    versions: [first, ...rest],
    shown: shownVersion([first, ...rest]),
    strangers: site.strangers.filter(({ image }) => image === name),
  }));
}

/** None where nobody asked for any variant of it. */
function versionOf(release: Release, byName: ReadonlyMap<string, SiteTarget>, today: Date): SiteVersion[] {
  const targets = eachOf(release).flatMap(({ name }) => byName.get(name) ?? []);
  const [runtime] = targets;
  if (!runtime) return [];
  const odd = targets.map((one) => standingOf(one, today)).find(({ kind }) => kind === "odd");
  const { kind, word } = odd ?? standingOf(runtime, today);
  const { version } = release;
  return [{ version, id: idOf("version", version), release, runtime, targets, kind, word }];
}

/** What `latest` is, where it is published; else the newest version that is. */
function shownVersion(versions: readonly [SiteVersion, ...SiteVersion[]]): SiteVersion {
  const published = versions.filter(({ runtime }) => runtime.status.planned.published);
  const latest = published.find(({ release }) => release.runtime.tags.includes("latest"));
  return latest ?? published[0] ?? versions[0];
}
