import { basename } from "node:path";
import { type Catalog, type Release, releasesOf } from "../model/target.ts";
import { count } from "../system/shown/format.ts";
import { exampleRelease, exampleSteps, shownRelease } from "./consumer.ts";
import type { RenderedFiles } from "./files.ts";
import { imageView, newestMeasured, type ReadmeFacts } from "./image-view.ts";
import type { MeasuredSizes } from "./measured-sizes.ts";
import type { ReadmeTemplates } from "./templates.ts";

/** The README of each image, by path below `images/`. Pure. */
export function renderImageReadmes(
  catalog: Catalog,
  facts: ReadmeFacts,
  { image: template }: ReadmeTemplates,
): RenderedFiles {
  const readmes = [...releasesByImage(catalog)].flatMap(([image, releases]) => {
    const shown = shownRelease(releases);
    if (!shown) return [];
    return [[`${image}/README.md`, template(imageView(catalog, releases, shown, facts))] as const];
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
      ...{ image, catalog: basename(catalog.file), registry: catalog.registry },
      ...{ version: release.version, title: runtime.title, output: runtime.example?.output },
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
  return template(languagesView(catalog, releasesByImage(catalog), sizes));
}

/** The versions of each image, newest first, in the catalog's order. */
function releasesByImage({ targets }: Catalog): Map<string, Release[]> {
  const byImage = new Map<string, Release[]>();
  for (const release of releasesOf(targets)) {
    byImage.set(release.image, [...(byImage.get(release.image) ?? []), release]);
  }
  return byImage;
}

/** The view of a catalog as a whole: what templates/languages.hbs sees. @param byImage the versions of each image, newest first */
function languagesView(
  catalog: Catalog,
  byImage: ReadonlyMap<string, readonly Release[]>,
  sizes: MeasuredSizes,
) {
  const versions = [...byImage.values()].reduce((sum, releases) => sum + releases.length, 0);
  return {
    counts: [
      count(byImage.size, "image"),
      count(versions, "version"),
      count(catalog.targets.length, "target"),
    ].join(", "),
    languages: [...byImage].map(([image, releases]) => ({
      image,
      title: shownRelease(releases)?.runtime.title ?? image,
      versions: span(releases.map(({ version }) => version)),
      measured: newestMeasured(releases, sizes),
    })),
    excluded: Object.values(catalog.excluded),
  };
}

/** `26 … 4`; up to three versions are told one by one. */
function span(versions: readonly string[]): string {
  return versions.length > 3 ? `${versions[0]} … ${versions.at(-1)}` : versions.join(", ");
}
