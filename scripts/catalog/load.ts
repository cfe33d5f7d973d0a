import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf, UserError } from "../system/errors.ts";
import { explainIssues, type Issue, isMissing } from "./explain.ts";
import { type CatalogEntry, extendCatalog } from "./extend.ts";
import { CATALOG_FILE, formatProblem } from "./formats.ts";
import { missingIssues } from "./missing.ts";
import { CatalogError, type CatalogProblem, orderProblems } from "./problems.ts";
import { brokenRules, brokenRulesOf } from "./rules.ts";
import { catalogSchema } from "./schema.ts";
import { type CatalogSource, readSource } from "./source.ts";
import type { Catalog } from "./target.ts";
import { targetsOf } from "./targets.ts";

/**
 * Reads and checks a catalog file, and those that it extends.
 *
 * @throws UserError when there is no such file, or it cannot be read
 * @throws CatalogError with every mistake that is in it
 */
export async function loadCatalog(file: string): Promise<Catalog> {
  const source = readSource(file, await readCatalog(file));
  return catalogOf(source, parseEntry(source, await loadParent(source, [file])));
}

/**
 * Makes a catalog of the text of its file, which extends no other.
 *
 * @param file only named in the catalog and in its problems, not read
 * @throws CatalogError with every mistake that is in the text
 */
export function parseCatalog(file: string, text: string): Catalog {
  const source = readSource(file, text);
  return catalogOf(source, parseEntry(source, undefined));
}

function catalogOf(source: CatalogSource, entry: CatalogEntry): Catalog {
  const { file } = source;
  const { registry, sources, branches, excluded } = entry;
  const placeOf = (image: string, version: string) => {
    const path = ["images", image, "versions", version];
    const { line, column } = source.keyAt(source.has(path) ? path : ["images", image]);
    return `${file}:${line}:${column}`;
  };
  return { file, registry, sources, branches, excluded, targets: targetsOf(entry, file, placeOf) };
}

/**
 * The catalog that this one extends, if it does.
 *
 * @param way the files that led here, each extending the next
 */
async function loadParent(source: CatalogSource, way: readonly string[]): Promise<CatalogEntry | undefined> {
  const named = source.textAt(["extends"]);
  if (named === undefined || formatProblem(CATALOG_FILE, named) !== undefined) return undefined;
  const file = join(resolve(named) === named ? "" : dirname(source.file), named);
  const start = way.findIndex((earlier) => resolve(earlier) === resolve(file));
  if (start >= 0) {
    throw wrongParent(source, file, `this goes in a circle: ${[...way.slice(start), file].join(" → ")}`);
  }
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw wrongParent(source, file, reasonOf(error));
  });
  const parent = readSource(file, text);
  return parseEntry(parent, await loadParent(parent, [...way, file]));
}

function wrongParent(source: CatalogSource, subject: string, message: string): CatalogError {
  return new CatalogError([{ file: source.file, ...source.valueAt(["extends"]), subject, message }]);
}

function parseEntry(source: CatalogSource, parent: CatalogEntry | undefined): CatalogEntry {
  const shape = catalogSchema.safeParse(source.data);
  const branches = { ...parent?.branches, ...branchesOf(source.data) };
  const issues = [...(shape.error?.issues ?? []), ...missingIssues(source)];
  const problems = orderProblems(problemsOf(source, issues, Object.keys(branches)));
  if (!shape.success || problems.length > 0) throw new CatalogError(problems);
  const entry = extendCatalog(source, shape.data, parent);
  if (!("images" in entry)) throw new CatalogError(orderProblems(entry));
  const broken = Object.entries(entry.images)
    .filter(([name]) => source.has(["images", name, "extends"]))
    .flatMap(([name, image]) => brokenRulesOf(source, name, image, Object.keys(branches)));
  if (broken.length > 0) throw new CatalogError(orderProblems(broken));
  return entry;
}

/** The branches that a catalog knows, whatever else is wrong with it. */
function branchesOf(data: unknown): object {
  const branches = typeof data === "object" && data !== null && "branches" in data ? data.branches : {};
  return typeof branches === "object" && branches !== null ? branches : {};
}

/**
 * All that is wrong, in the order of cause and consequence: where several fall on one place, the first is
 * the one to tell. In broken YAML what seems to be missing, or not to fit together, may only be unreadable:
 * there only what has a name and is wrong by itself is told of.
 */
function problemsOf(
  source: CatalogSource,
  issues: readonly Issue[],
  branches: readonly string[],
): CatalogProblem[] {
  if (source.syntax.length === 0) {
    return [...source.structure, ...brokenRules(source, branches), ...explainIssues(source, issues)];
  }
  const present = issues.filter((issue) => !isMissing(source, issue));
  const named = source.structure.filter(({ subject }) => subject !== "");
  const others = [...named, ...explainIssues(source, present)];
  return [...source.syntax, ...others.filter(({ line }) => !source.unclearLines.has(line))];
}

async function readCatalog(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const hint = "run Birdhouse where the catalog is, or name the file with --catalog FILE";
    throw new UserError(`${file}: ${reasonOf(error)}`, hint);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "this is a directory, expected a catalog file";
  if (code === "EACCES") return "this file may not be read by you";
  return messageOf(error);
}
