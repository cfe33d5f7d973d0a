import { daysSince } from "../../model/end-of-life.ts";
import { count, formatBytes, formatShare } from "../../system/shown/format.ts";
import { percent } from "../html/chart.ts";
import type { SiteImage, SiteVersion } from "./images.ts";
import type { Site, SiteTarget } from "./site.ts";
import { agoText, bytesText, fixableOf, heaviest, pageOf, tagIn, UNKNOWN } from "./words.ts";

/** What front.hbs shows: an image in each row. Pure. */
export function frontView(site: Site, images: readonly SiteImage[]) {
  const rows = images.map((image) => ({ image, shown: image.shown, bytes: bytesOf(image.shown.runtime) }));
  const most = Math.max(1, ...rows.map(({ bytes = 0 }) => bytes));
  const published = site.targets.filter(({ status }) => status.planned.published).length;
  return {
    lede: [
      count(images.length, "image"),
      count(images.flatMap(({ versions }) => versions).length, "version"),
      `${published} of ${count(site.targets.length, "target")} published`,
    ].join(", "),
    excluded: Object.values(site.catalog.excluded).map(({ title, reason }) => ({ title, reason })),
    images: [...rows.filter((row) => isPublished(row)), ...rows.filter((row) => !isPublished(row))].map(
      ({ image, bytes }) => rowOf(site, image, bytes, most),
    ),
  };
}

/** What cannot be pulled comes last. */
function isPublished({ shown }: { readonly shown: SiteVersion }): boolean {
  return shown.runtime.status.planned.published !== undefined;
}

function bytesOf({ status }: SiteTarget): number | undefined {
  return heaviest(status.planned.published?.sizes)?.compressed;
}

function rowOf(site: Site, image: SiteImage, bytes: number | undefined, most: number) {
  const { shown, versions } = image;
  const { planned, at } = shown.runtime.status;
  const { target, published } = planned;
  const fixable = fixableOf(shown.runtime.status);
  const reference = `${site.catalog.registry}/${target.name}`;
  const living = versions.filter(({ kind }) => kind !== "archived" && kind !== "absent");
  return {
    name: image.name,
    title: image.title,
    description: target.description,
    href: pageOf(image.name),
    // What the filters go by; all of it can be read in the row, too.
    support: [...new Set(versions.map(({ kind }) => kind))].join(" "),
    bytes: bytes ?? "",
    days: at ? Math.max(0, daysSince(at, site.readAt)) : "",
    cves: fixable ? fixable.length : "",
    version: tagIn(target),
    size: published ? bytesText(bytes) : "not published",
    budget: budgetText(bytes, target.budget),
    bar: bytes === undefined ? undefined : percent(Math.max(0.6, (bytes / most) * 100)),
    age: published ? agoText(at, site.readAt) : "",
    fixable: fixable ? fixableText(fixable.length) : published ? `vulnerabilities ${UNKNOWN}` : "",
    isAffected: (fixable?.length ?? 0) > 0,
    copy: published ? `docker pull ${reference}` : undefined,
    versions: living.map((one) => chipOf(image, one)),
    archived: restText(versions),
  };
}

function budgetText(bytes: number | undefined, budget: number | undefined): string {
  if (bytes === undefined || budget === undefined) return "";
  return `${formatShare(bytes, budget)} of ${formatBytes(budget)}`;
}

function fixableText(number: number): string {
  return number === 0 ? "none fixable" : `${number} fixable`;
}

function chipOf({ name }: SiteImage, { version, kind, word, id }: SiteVersion) {
  return { version, kind, word, href: `${pageOf(name)}#${id}` };
}

/** `and 12 archived, 2 not published` */
function restText(versions: readonly SiteVersion[]): string {
  const many = (kind: SiteVersion["kind"], word: string) => {
    const { length } = versions.filter((one) => one.kind === kind);
    return length === 0 ? [] : [`${length} ${word}`];
  };
  return [...many("archived", "archived"), ...many("absent", "not published")].join(", ");
}
