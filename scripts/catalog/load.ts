import { readdir } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { DEFAULT_RULE } from "../model/policy.ts";
import type { Catalog } from "../model/target.ts";
import { withDefaults } from "../model/written.ts";
import { messageOf } from "../system/errors.ts";
import { count } from "../system/shown/format.ts";
import { explainIssues } from "./check/explain.ts";
import { brokenRules } from "./check/rules.ts";
import { type CatalogEntry, extendCatalog, extendImages } from "./extend/extend.ts";
import { fillImage, problemsOfFiles } from "./extend/fill.ts";
import { lineageOf } from "./extend/lineage.ts";
import { fetchCatalog, parentPlace } from "./extend/parent.ts";
import { problemsOfReach } from "./extend/reach.ts";
import { readTrust } from "./extend/trust.ts";
import { PARENT_CATALOG } from "./schema/addresses.ts";
import { formatProblem } from "./schema/format.ts";
import { imageSchema } from "./schema/image.ts";
import { type CatalogFile, catalogSchema, type ImageFile } from "./schema/schema.ts";
import { targetsOf } from "./targets/targets.ts";
import { readCatalogFile } from "./text/file.ts";
import { CatalogError, type CatalogProblem, didYouMean, orderProblems } from "./text/problems.ts";
import { type CatalogSource, imagesIn, mappingOf, readSource } from "./text/source.ts";

/** What a catalog file comes to: an entry, or else all that is wrong with it. */
export type Reading =
  | { readonly entry: CatalogEntry; readonly problems: readonly [] }
  | { readonly entry?: undefined; readonly problems: readonly CatalogProblem[] };

/**
 * Reads and checks a catalog file, and those that it extends.
 *
 * @param text what is in the file, where it has been read
 * @throws UserError when there is no such file, or it cannot be read
 * @throws CatalogError with every mistake that is in it and in those that it extends
 */
export async function loadCatalog(file: string, text?: string): Promise<Catalog> {
  const source = readSource(file, text ?? (await readCatalogFile(file)));
  return catalogOf(source, await readParent(source, [file]));
}

/**
 * Makes a catalog of the text of its file. The text may not extend another catalog: no file is read.
 *
 * @param file only named, in the catalog and in its problems
 * @throws CatalogError with every mistake that is in the text
 */
export function parseCatalog(file: string, text: string): Catalog {
  const source = readSource(file, text);
  const parent = noParent(source, "only a catalog in a file can extend another");
  return catalogOf(source, source.has(["extends"]) ? parent : undefined);
}

function catalogOf(source: CatalogSource, parent: Reading | undefined): Catalog {
  const { file } = source;
  const { entry, problems } = readEntry(source, parent);
  if (!entry) throw new CatalogError(problems);
  const {
    images: _,
    platforms,
    policy,
    archived: __,
    renamed,
    defaults,
    ownCertificates,
    ownRepositories,
    ...catalog
  } = entry;
  const placeOf = (image: string, version: string) => {
    const { line, column } = source.keyAt(["images", image, "versions", version]);
    return `${file}:${line}:${column}`;
  };
  const clean = withDefaults(DEFAULT_RULE, entry.clean);
  const certificates = Object.values(ownCertificates);
  const repositories = Object.values(ownRepositories);
  return { ...catalog, file, clean, certificates, repositories, targets: targetsOf(entry, file, placeOf) };
}

/**
 * Reads the catalog that another one extends, and with it all those above; undefined where it extends none.
 *
 * @param way the files that led here, each extending the next, this one last
 */
export async function readParent(
  source: CatalogSource,
  way: readonly string[],
): Promise<Reading | undefined> {
  if (!source.has(["extends"])) return undefined;
  // That it names no file at all is told of as a mistake in its shape.
  if (formatProblem(PARENT_CATALOG, source.textAt(["extends"]) ?? "") !== undefined) return { problems: [] };
  const place = parentPlace(source);
  const { file } = place;
  const start = way.findIndex((earlier) => resolve(earlier) === resolve(file));
  if (start >= 0) {
    return noParent(
      source,
      `these catalogs extend each other in a circle: ${[...way.slice(start), file].join(" → ")}`,
    );
  }
  const isFile = place.kind !== "address";
  const read = await (isFile ? readCatalogFile(file) : fetchCatalog(place)).then(
    (text) => ({ text }),
    async (error: unknown) => ({ reason: `${messageOf(error)}${isFile ? await filesNear(file) : ""}` }),
  );
  if ("reason" in read) return noParent(source, read.reason);
  const parent = readSource(file, read.text);
  const outside = problemsOfReach(parent, place);
  const reading: Reading =
    outside.length > 0 ? { problems: outside } : readEntry(parent, await readParent(parent, [...way, file]));
  // Nobody here can mend a catalog of others: what is theirs to change is the line that names it.
  return place.kind === "file" || reading.entry ? reading : noParent(source, mistakesOf(reading.problems));
}

function mistakesOf(problems: readonly CatalogProblem[]): string {
  const first = new CatalogError(problems.slice(0, 1)).message;
  return `this catalog has ${count(problems.length, "mistake")}; the first is ${first}`;
}

/** A parent that cannot be had, for a reason that is told of where it is named. */
function noParent(source: CatalogSource, reason: string): Reading {
  const subject = source.textAt(["extends"]) ?? "";
  return { problems: [{ file: source.file, ...source.valueAt(["extends"]), subject, message: reason }] };
}

async function filesNear(file: string): Promise<string> {
  const files = await readdir(dirname(file)).catch(() => []);
  const catalogs = files.filter((name) => /\.ya?ml$/.test(name));
  return didYouMean(basename(file), catalogs);
}

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
  const folder = dirname(source.file);
  const own = [...imagesOf(data, shape.data)].map(
    ([name, image]) => [name, fillImage(image, folder)] as const,
  );
  const images = extendImages(new Map(own), above ?? {}, lineage);
  // Which branches there are is not known when a part of them is not.
  const branches =
    parent && !parent.entry ? {} : { ...parent?.entry?.branches, ...mappingOf(mappingOf(data)?.branches) };
  const conflicts = [
    ...brokenRules(source, Object.keys(branches), images, shape.success),
    ...lineage.problems,
  ];
  const trust = readTrust(source, shape.data, folder);
  const files = [...problemsOfFiles(source, folder), ...trust.problems];
  const wrong = [...explainIssues(source, shape.error?.issues ?? []), ...files];
  const problems = [...(parent?.problems ?? []), ...orderProblems(problemsOf(source, wrong, conflicts))];
  const entry = shape.data && extendCatalog(shape.data, parent?.entry, images, { ...trust, folder });
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
