import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { DEFAULT_RULE } from "../model/policy.ts";
import type { Catalog } from "../model/target.ts";
import { withDefaults } from "../model/written.ts";
import { messageOf } from "../system/errors.ts";
import { type Reading, readEntry } from "./entry.ts";
import { formatProblem } from "./schema/format.ts";
import { CATALOG_FILE } from "./schema/formats.ts";
import { targetsOf } from "./targets/targets.ts";
import { readCatalogFile } from "./text/file.ts";
import { CatalogError, didYouMean } from "./text/problems.ts";
import { type CatalogSource, readSource } from "./text/source.ts";

/**
 * Reads and checks a catalog file, and those that it extends.
 *
 * @throws UserError when there is no such file, or it cannot be read
 * @throws CatalogError with every mistake that is in it and in those that it extends
 */
export async function loadCatalog(file: string): Promise<Catalog> {
  const source = readSource(file, await readCatalogFile(file));
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
  const { images: _, platforms, policy, renamed, defaults, ...catalog } = entry;
  const placeOf = (image: string, version: string) => {
    const { line, column } = source.keyAt(["images", image, "versions", version]);
    return `${file}:${line}:${column}`;
  };
  const clean = withDefaults(DEFAULT_RULE, entry.clean);
  return { ...catalog, file, clean, targets: targetsOf(entry, file, placeOf) };
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
  const named = source.textAt(["extends"]) ?? "";
  // That it names no file at all is told of as a mistake in its shape.
  if (formatProblem(CATALOG_FILE, named) !== undefined) return { problems: [] };
  const file = isAbsolute(named) ? named : join(dirname(source.file), named);
  const start = way.findIndex((earlier) => resolve(earlier) === resolve(file));
  if (start >= 0) {
    return noParent(
      source,
      `these catalogs extend each other in a circle: ${[...way.slice(start), file].join(" → ")}`,
    );
  }
  const read = await readCatalogFile(file).then(
    (text) => ({ text }),
    async (error: unknown) => ({ reason: `${messageOf(error)}${await filesNear(file)}` }),
  );
  if ("reason" in read) return noParent(source, read.reason);
  const parent = readSource(file, read.text);
  return readEntry(parent, await readParent(parent, [...way, file]));
}

/** A parent that cannot be had, for a reason that is told of where it is named. */
function noParent(source: CatalogSource, reason: string): Reading {
  const subject = source.textAt(["extends"]) ?? "";
  return { problems: [{ file: source.file, ...source.valueAt(["extends"]), subject, message: reason }] };
}

async function filesNear(file: string): Promise<string> {
  const files = await readdir(dirname(file)).catch(() => []);
  const catalogs = files.filter((name) => formatProblem(CATALOG_FILE, name) === undefined);
  return didYouMean(basename(file), catalogs);
}
