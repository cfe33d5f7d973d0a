import { dirname } from "node:path";
import { explainIssues } from "./check/explain.ts";
import { brokenRules } from "./check/rules.ts";
import { type CatalogEntry, extendCatalog, extendImages } from "./extend/extend.ts";
import { lineageOf } from "./extend/lineage.ts";
import { imageSchema } from "./schema/image.ts";
import { type CatalogFile, catalogSchema, type ImageFile } from "./schema/schema.ts";
import { type CatalogProblem, orderProblems } from "./text/problems.ts";
import { type CatalogSource, imagesIn, mappingOf } from "./text/source.ts";

/** What a catalog file comes to: an entry, or else all that is wrong with it. */
export type Reading =
  | { readonly entry: CatalogEntry; readonly problems: readonly [] }
  | { readonly entry?: undefined; readonly problems: readonly CatalogProblem[] };

/**
 * Checks a catalog and takes over what it extends.
 *
 * @param parent the catalog that it extends, if it does. With mistakes in that one, its own are told of too, as
 * far as they do not depend on it
 */
export function readEntry(source: CatalogSource, parent: Reading | undefined): Reading {
  const { data } = source;
  const shape = catalogSchema.safeParse(data, { reportInput: true });
  const above = parent ? parent.entry?.images : {};
  const lineage = lineageOf(source, above && new Map(Object.entries(above)));
  const images = extendImages(imagesOf(data, shape.data), above ?? {}, lineage);
  // Which branches there are is not known when a part of them is not.
  const branches =
    parent && !parent.entry ? {} : { ...parent?.entry?.branches, ...mappingOf(mappingOf(data)?.branches) };
  const conflicts = [...brokenRules(source, Object.keys(branches), images), ...lineage.problems];
  const wrong = explainIssues(source, shape.error?.issues ?? []);
  const problems = [...(parent?.problems ?? []), ...orderProblems(problemsOf(source, wrong, conflicts))];
  const entry = shape.data && extendCatalog(shape.data, parent?.entry, images, dirname(source.file));
  return problems.length === 0 && entry ? { entry, problems: [] } : { problems };
}

/** The images whose own shape is good, whatever is wrong with the others. */
function imagesOf(data: unknown, file: CatalogFile | undefined): Map<string, ImageFile> {
  if (file) return new Map(Object.entries(file.images));
  const entries = Object.entries(imagesIn(data)).flatMap(([name, image]) => {
    const entry = imageSchema.safeParse(image).data;
    return entry ? [[name, entry] as const] : [];
  });
  return new Map(entries);
}

/**
 * All that is wrong, in the order of cause and consequence: where several fall on one place, the first is
 * the one to tell. In broken YAML what seems not to fit together may only be unreadable: there only what has
 * a name and is wrong by itself is told of.
 *
 * @param wrong what is wrong by itself
 * @param conflicts what is wrong between values, each of them right by itself
 */
function problemsOf(
  { syntax, structure, unclearLines }: CatalogSource,
  wrong: readonly CatalogProblem[],
  conflicts: readonly CatalogProblem[],
): CatalogProblem[] {
  if (syntax.length === 0) return [...structure, ...conflicts, ...wrong];
  const others = [...structure.filter(({ subject }) => subject !== ""), ...wrong];
  return [...syntax, ...others.filter(({ line }) => !unclearLines.has(line))];
}
