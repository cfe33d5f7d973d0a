import { readFile } from "node:fs/promises";
import { messageOf, UserError } from "../system/errors.ts";
import { explainIssues, type Issue, isMissing } from "./explain.ts";
import { CatalogError, type CatalogProblem, orderProblems } from "./problems.ts";
import { brokenRules } from "./rules.ts";
import { catalogSchema } from "./schema.ts";
import { type CatalogSource, readSource } from "./source.ts";
import type { Catalog } from "./target.ts";
import { defaultsOf, targetsOf } from "./targets.ts";

/**
 * Reads and checks a catalog file.
 *
 * @throws UserError when there is no such file, or it cannot be read
 * @throws CatalogError with every mistake that is in it
 */
export async function loadCatalog(file: string): Promise<Catalog> {
  return parseCatalog(file, await readCatalog(file));
}

/**
 * Makes a catalog of the text of its file.
 *
 * @param file only named in the catalog and in its problems, not read
 * @throws CatalogError with every mistake that is in the text
 */
export function parseCatalog(file: string, text: string): Catalog {
  const source = readSource(file, text);
  const shape = catalogSchema.safeParse(source.data);
  const problems = orderProblems(problemsOf(source, shape.error?.issues ?? []));
  if (!shape.success || problems.length > 0) throw new CatalogError(problems);
  const { registry, sources } = shape.data;
  return { file, registry, sources, defaults: defaultsOf(shape.data), targets: targetsOf(shape.data) };
}

/**
 * All that is wrong, in the order of cause and consequence: where several fall on one place, the first is
 * the one to tell. In broken YAML what seems to be missing, or not to fit together, may only be unreadable:
 * there only what has a name and is wrong by itself is told of.
 */
function problemsOf(source: CatalogSource, issues: readonly Issue[]): CatalogProblem[] {
  if (source.syntax.length === 0) {
    return [...source.structure, ...brokenRules(source), ...explainIssues(source, issues)];
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
