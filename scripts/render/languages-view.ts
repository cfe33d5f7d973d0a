import type { Release } from "../model/release.ts";
import type { Catalog } from "../model/target.ts";
import { count } from "../system/shown/format.ts";
import { shownRelease } from "./consumer.ts";
import type { MeasuredSizes } from "./measured-sizes.ts";
import { newestMeasured } from "./size-view.ts";

/** What templates/languages.hbs sees of a catalog. */
export type LanguagesView = ReturnType<typeof languagesView>;

/** The view of a catalog as a whole. @param byImage the versions of each image, newest first */
export function languagesView(
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
