import { dirname, join, resolve } from "node:path";
import { picturesIn } from "../../report/site/docs.ts";
import type { SiteDoc } from "../../report/site/site.ts";

/** The pictures that documentation shows: where each is, and where it goes below the site's folder. */
export function picturesOf(
  catalog: string,
  docs: readonly SiteDoc[],
): { readonly from: string; readonly path: string }[] {
  const folder = dirname(resolve(catalog));
  const paths = new Set(docs.flatMap((doc) => picturesIn(doc)));
  return [...paths].map((path) => ({ from: join(folder, path), path: join("docs", "pictures", path) }));
}
