import { createHash } from "node:crypto";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { Catalog } from "../model/target.ts";
import { PROJECT } from "../system/environment.ts";

export const TEMPLATES = join(PROJECT, "templates");

/** The folders that a catalog's templates are in: Birdhouse's own, and those of the catalog's own, which win. */
export function templateFolders({ templates = [] }: Pick<Catalog, "templates">): string[] {
  return [TEMPLATES, ...templates];
}

/** Alpine's public keys. */
export const KEYS = join(PROJECT, "keys");
/** The catalog that Birdhouse comes with: what `extends: birdhouse` names. */
export const OWN_CATALOG = join(PROJECT, "catalog.yaml");
export const CATALOG_SCHEMA = join(PROJECT, "catalog.schema.json");
/** The JSON schemas of what commands print with `--json`. */
export const OUTPUT_SCHEMAS = join(PROJECT, "docs/json");

/**
 * Where the rendered Dockerfiles of a catalog are: beside it, so that both are committed together. That of
 * `catalog.yaml` is `images/`, that of another `NAME.yaml` is `NAME.images/`: several catalogs may lie in one
 * folder.
 */
export function imagesBeside(catalog: string): string {
  const name = nameOf(catalog);
  return join(dirname(resolve(catalog)), name === "catalog" ? "images" : `${name}.images`);
}

/**
 * Where the layouts of a catalog are below the state directory. Two catalogs never have the same place: both
 * may have a target of one name, and what was built of one must not be published of the other.
 */
export function layoutsOf(catalog: string, state: string): string {
  // From the state directory, so that both may be moved together.
  const way = relative(resolve(state), resolve(catalog));
  const digest = createHash("sha256").update(way).digest("hex").slice(0, 8);
  return join(resolve(state), "layouts", `${nameOf(catalog).replace(/[^\w.-]/g, "_")}-${digest}`);
}

/** The file that keeps something of a catalog for the next command, as `system/memory.ts` does. */
export function memoryOf(catalog: string, state: string, name: string): string {
  return join(resolve(state), "memory", `${basename(layoutsOf(catalog, state))}.${name}`);
}

function nameOf(catalog: string): string {
  return basename(catalog, extname(catalog));
}
