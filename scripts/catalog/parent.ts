import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { messageOf } from "../system/errors.ts";
import { type Reading, readEntry } from "./entry.ts";
import { readCatalogFile } from "./file.ts";
import { CATALOG_FILE, formatProblem } from "./formats.ts";
import { didYouMean } from "./nearest.ts";
import { type CatalogSource, readSource } from "./source.ts";

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
    return noParent(source, `this goes in a circle: ${[...way.slice(start), file].join(" → ")}`);
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
export function noParent(source: CatalogSource, reason: string): Reading {
  const subject = source.textAt(["extends"]) ?? "";
  return { problems: [{ file: source.file, ...source.valueAt(["extends"]), subject, message: reason }] };
}

async function filesNear(file: string): Promise<string> {
  const files = await readdir(dirname(file)).catch(() => []);
  const catalogs = files.filter((name) => formatProblem(CATALOG_FILE, name) === undefined);
  return didYouMean(basename(file), catalogs);
}
