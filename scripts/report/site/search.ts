import { escapeJson, shownIn } from "../../system/shown/output.ts";
import type { DocPage } from "./docs.ts";
import type { SiteImage } from "./images.ts";
import { exactVersion, heaviest, pageOf } from "./words.ts";

/** One thing that can be found: its title, where it is, what it is, and the words that it is found by. */
type Entry = readonly [title: string, href: string, kind: "image" | "docs", words: string];

/** Characters of a section of the documentation that are looked through. */
const LONGEST = 1200;

/**
 * What the search looks through, as a script that a page loads once somebody types: a page from a disk may load no JSON.
 * Pure.
 */
export function searchScript(images: readonly SiteImage[], docs: readonly DocPage[]): string {
  const entries: Entry[] = [
    ...images.map((image): Entry => [image.title, pageOf(image.name), "image", wordsOf(image)]),
    ...docs.flatMap(({ title, href, sections }) =>
      sections.map(
        ({ id, title: section, text }): Entry => [
          section === title ? title : `${title}: ${section}`,
          `${href}#${id}`,
          "docs",
          text.slice(0, LONGEST),
        ],
      ),
    ),
  ];
  // No part of it ends a script, wherever it is put.
  const json = escapeJson(JSON.stringify(shownIn(entries))).replaceAll("<", "\\u003c");
  return `window.birdhouseSearch = ${json};\n`;
}

/** An image is found by its name, what it says of itself, its tags, and each package that is in one of its variants. */
function wordsOf({ name, shown, versions }: SiteImage): string {
  const words = new Set([name, shown.release.runtime.description, shown.release.runtime.notes ?? ""]);
  for (const { runtime, targets, version } of versions) {
    words.add(`${name}:${version}`);
    const { target, published } = runtime.status.planned;
    const exact = exactVersion(target, published?.sizes);
    if (exact !== undefined) words.add(exact);
    for (const tag of runtime.tags) words.add(tag);
    for (const { status } of targets) {
      for (const item of status.planned.target.world) words.add(item.split(/[~<>=@]/, 1)[0] ?? item);
      for (const item of heaviest(status.planned.published?.sizes)?.packages.keys() ?? []) words.add(item);
    }
  }
  return [...words].join(" ");
}
