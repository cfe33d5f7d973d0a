import { cleanRule } from "../model/clean-rule.ts";
import type { Catalog } from "../model/target.ts";
import { type Reading, readEntry } from "./entry.ts";
import { readCatalogFile } from "./file.ts";
import { noParent, readParent } from "./parent.ts";
import { CatalogError } from "./problems.ts";
import { type CatalogSource, readSource } from "./source.ts";
import { targetsOf } from "./targets.ts";

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
  const { registry, sources, sign, gate, ecr, notify, branches, excluded } = entry;
  const placeOf = (image: string, version: string) => {
    const path = ["images", image, "versions", version];
    const { line, column } = source.keyAt(source.has(path) ? path : ["images", image]);
    return `${file}:${line}:${column}`;
  };
  const trust = { ...(sign && { sign }), ...(gate && { gate }), ...(ecr && { ecr }) };
  return {
    file,
    registry,
    sources,
    ...trust,
    branches,
    excluded,
    clean: cleanRule(entry.clean),
    ...(notify && { notify }),
    targets: targetsOf(entry, file, placeOf),
  };
}
