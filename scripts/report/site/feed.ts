import { shown } from "../../system/shown/output.ts";
import { type Build, buildsOf, type ReasonsByDigest } from "./builds.ts";
import type { SiteImage } from "./images.ts";
import type { Site } from "./site.ts";
import { bytesText, pageOf } from "./words.ts";

/** Builds of a feed at most, the newest. */
const MOST = 100;

interface Entry {
  readonly image: string;
  readonly name: string;
  readonly build: Build;
}

/** Feeds of all builds: one for all images, and one for each. Pure. */
export function* feedsOf(
  site: Site,
  images: readonly SiteImage[],
  reasons: ReasonsByDigest,
): Generator<readonly [path: string, text: string]> {
  const all: Entry[] = [];
  for (const image of images) {
    const targets = image.versions.flatMap((version) => version.targets);
    const entries = targets.flatMap((one) =>
      buildsOf(one, reasons).map((build) => ({
        image: image.name,
        name: one.status.planned.target.name,
        build,
      })),
    );
    all.push(...entries);
    yield [`feeds/${image.name}.xml`, feedText(site, image.title, image.name, entries)];
  }
  yield ["feed.xml", feedText(site, "All images", "", all)];
}

/**
 * A feed in Atom: an entry for each build, with what changed and which vulnerabilities it closed.
 * Source: RFC 4287
 * @param image its name; empty for all
 */
function feedText(
  { catalog, readAt }: Site,
  title: string,
  image: string,
  entries: readonly Entry[],
): string {
  const newest = entries.toSorted((a, b) => b.build.created.getTime() - a.build.created.getTime());
  const updated = newest[0]?.build.created ?? readAt;
  // A reader shows an entry elsewhere: where the catalog says at what address the pages are, links have all of it.
  const root = catalog.site === undefined ? (image === "" ? "" : "../") : `${catalog.site}/`;
  const page = root + (image === "" ? "index.html" : pageOf(image));
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${escaped(idOf(catalog.registry, image))}</id>`,
    `<title>${escaped(`${title} of ${catalog.registry}`)}</title>`,
    `<updated>${updated.toISOString()}</updated>`,
    "<author><name>Birdhouse</name></author>",
    `<link rel="alternate" type="text/html" href="${escaped(page)}"/>`,
    ...newest.slice(0, MOST).map((entry) => entryText(catalog.registry, root, entry)),
    "</feed>",
    "",
  ].join("\n");
}

/** A name that never changes, wherever the site is. Source: RFC 4151, tag URIs, whose day is that of this scheme */
function idOf(registry: string, rest: string): string {
  // A tag's authority is a host's name, without its port.
  const [host = ""] = registry.split(/[:/]/);
  return `tag:${host},2026:birdhouse/${[registry, rest].map((part) => encodeURIComponent(part)).join("/")}`;
}

function entryText(registry: string, root: string, { image, name, build }: Entry): string {
  const { digest, created, why, changes, closed = [], compressed } = build;
  const lines = [
    ...why,
    ...changes,
    ...(closed.length > 0 ? [`closed: ${closed.join(", ")}`] : []),
    `${bytesText(compressed)} to pull`,
    `${registry}/${name}@${digest}`,
  ];
  const head = closed.length > 0 ? `${name}: ${closed.length} closed` : `${name}: ${why[0] ?? "rebuilt"}`;
  return [
    "<entry>",
    // One digest may be published, moved away from, and published again.
    `<id>${escaped(idOf(registry, `${name}@${digest}/${created.toISOString()}`))}</id>`,
    `<title>${escaped(head)}</title>`,
    `<updated>${created.toISOString()}</updated>`,
    `<link rel="alternate" type="text/html" href="${escaped(root + pageOf(image))}"/>`,
    `<content type="text">${escaped(lines.join("\n"))}</content>`,
    "</entry>",
  ].join("\n");
}

/** A text as XML 1.0 may have it: control characters, of which it has none, are gone by `shown`. */
function escaped(text: string): string {
  return shown(text)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
