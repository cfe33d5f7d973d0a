import { basename } from "node:path";
import { type Catalog, releasesOf } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { count } from "../system/shown/format.ts";
import { exampleRelease, exampleSteps, shownRelease } from "./consumer.ts";
import type { RenderedFiles } from "./files.ts";
import { imageView, newestMeasured, type ReadmeFacts } from "./image-view.ts";
import type { ReadmeTemplates } from "./templates.ts";

/** The README of each image, by path below `images/`. Pure. */
export function renderImageReadmes(
  catalog: Catalog,
  facts: ReadmeFacts,
  { image: template }: ReadmeTemplates,
): RenderedFiles {
  const readmes = [...releasesByImage(catalog)].map(([image, releases]) => {
    const view = imageView(catalog, releases, shownRelease(releases), facts);
    return [`${image}/README.md`, template(view)] as const;
  });
  return new Map(readmes);
}

/** The README of each example that there is, by path below `examples/`. Pure. */
export function renderExampleReadmes(
  catalog: Catalog,
  { examples }: ReadmeFacts,
  { example: template }: ReadmeTemplates,
): RenderedFiles {
  const readmes = [...releasesByImage(catalog)].flatMap(([image, releases]) => {
    const release = exampleRelease(releases);
    if (!release || !examples.has(image)) return [];
    const { runtime } = release;
    const view = {
      image,
      catalog: basename(catalog.file),
      registry: catalog.registry,
      version: release.version,
      title: runtime.title,
      output: runtime.example?.output,
      steps: exampleSteps(catalog, release).map((step, index) => ({ ...step, number: index + 1 })),
    };
    return [[`${image}/README.md`, template(view)] as const];
  });
  return new Map(readmes);
}

/** The table of all languages, and of those that are not offered. Pure. */
export function renderLanguages(
  catalog: Catalog,
  { sizes }: ReadmeFacts,
  { languages: template }: ReadmeTemplates,
): string {
  const releases = releasesOf(catalog.targets);
  const byImage = releasesByImage(catalog);
  const { length: targets } = catalog.targets;
  return template({
    counts: [count(byImage.size, "image"), count(releases.length, "version"), count(targets, "target")].join(
      ", ",
    ),
    languages: [...byImage].map(([image, releases]) => ({
      image,
      title: shownRelease(releases).runtime.title,
      versions: span(releases.map(({ version }) => version)),
      measured: newestMeasured(releases, sizes),
    })),
    excluded: Object.values(catalog.excluded),
  });
}

/** The versions of each image, newest first, in the catalog's order. */
function releasesByImage({ targets }: Catalog) {
  return groupBy(releasesOf(targets), ({ image }) => image);
}

/** `26 … 4`; up to three versions are told one by one. */
function span(versions: readonly string[]): string {
  return versions.length > 3 ? `${versions[0]} … ${versions.at(-1)}` : versions.join(", ");
}
