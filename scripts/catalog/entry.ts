import { dirname } from "node:path";
import { z } from "zod";
import { explainIssues, type Issue, isMissing, missingIssues } from "./check/explain.ts";
import { brokenRules } from "./check/rules.ts";
import { type CatalogEntry, extendCatalog, extendImages } from "./extend/extend.ts";
import { lineageOf } from "./extend/lineage.ts";
import { imageSchema } from "./schema/image.ts";
import { type CatalogFile, catalogSchema, type ImageFile } from "./schema/schema.ts";
import { type CatalogProblem, orderProblems } from "./text/problems.ts";
import type { CatalogSource } from "./text/source.ts";

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
  const shape = catalogSchema.safeParse(source.data);
  const above = parent ? parent.entry?.images : {};
  const lineage = lineageOf(source, above && new Map(versionsByImage(above)));
  const images = extendImages(imagesOf(source.data, shape.data), above ?? {}, lineage);
  // Which branches there are is not known when a part of them is not.
  const branches =
    parent && !parent.entry ? [] : Object.keys({ ...parent?.entry?.branches, ...branchesIn(source.data) });
  const issues = [...(shape.error?.issues ?? []), ...missingIssues(source)];
  const conflicts = [...brokenRules(source, branches, images), ...lineage.problems];
  const problems = [...(parent?.problems ?? []), ...orderProblems(problemsOf(source, issues, conflicts))];
  const entry = shape.success
    ? extendCatalog(shape.data, parent?.entry, images, dirname(source.file))
    : undefined;
  return problems.length === 0 && entry ? { entry, problems: [] } : { problems };
}

function versionsByImage(images: CatalogEntry["images"]): [name: string, versions: string[]][] {
  return Object.entries(images).map(([name, { versions }]) => [name, Object.keys(versions)]);
}

const imagesShape = z.object({ images: z.record(z.string(), z.unknown()) });

/** The images whose own shape is good, whatever is wrong with the others. */
function imagesOf(data: unknown, file: CatalogFile | undefined): Map<string, ImageFile> {
  if (file) return new Map(Object.entries(file.images));
  const images = imagesShape.safeParse(data).data?.images ?? {};
  const entries = Object.entries(images).map(
    ([name, image]) => [name, imageSchema.safeParse(image).data] as const,
  );
  return new Map(entries.flatMap(([name, image]) => (image ? [[name, image] as const] : [])));
}

const branchesShape = z.object({ branches: z.record(z.string(), z.unknown()) });

/** The branches that a catalog names, whatever else is wrong with it. */
function branchesIn(data: unknown): Readonly<Record<string, unknown>> {
  return branchesShape.safeParse(data).data?.branches ?? {};
}

/**
 * All that is wrong, in the order of cause and consequence: where several fall on one place, the first is
 * the one to tell. In broken YAML what seems to be missing, or not to fit together, may only be unreadable:
 * there only what has a name and is wrong by itself is told of.
 *
 * @param conflicts what is wrong between values, each of them right by itself
 */
function problemsOf(
  source: CatalogSource,
  issues: readonly Issue[],
  conflicts: readonly CatalogProblem[],
): CatalogProblem[] {
  if (source.syntax.length === 0) {
    return [...source.structure, ...conflicts, ...explainIssues(source, issues)];
  }
  const present = issues.filter((issue) => !isMissing(source, issue));
  const named = source.structure.filter(({ subject }) => subject !== "");
  const others = [...named, ...explainIssues(source, present)];
  return [...source.syntax, ...others.filter(({ line }) => !source.unclearLines.has(line))];
}
