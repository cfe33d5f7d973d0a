import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Birdhouse's own directory, which holds `templates/`. */
const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export const TEMPLATES = join(PROJECT, "templates");
export const CATALOG_SCHEMA = join(PROJECT, "catalog.schema.json");

/** The rendered Dockerfiles of a catalog stand beside it. */
export function imagesBeside(catalog: string): string {
  return join(dirname(resolve(catalog)), "images");
}
