import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Catalog, Target } from "../catalog/target.ts";
import type { DockerfileTemplate } from "./templates.ts";

/** Rendered files: path → content. */
export type RenderedFiles = ReadonlyMap<string, string>;

/** The Dockerfile of a target, below `images/`: `node/22/Dockerfile`, `node/22/dev/Dockerfile`. */
export function dockerfileOf(target: Target): string {
  return join(target.image, target.version, target.variant === "dev" ? "dev" : "", "Dockerfile");
}

/** Renders every Dockerfile of the catalog, by path below `images/`. Pure: writes nothing. */
export function renderCatalog(catalog: Catalog, template: DockerfileTemplate): RenderedFiles {
  return new Map(catalog.targets.map((target) => [dockerfileOf(target), template(target, catalog)]));
}

/** Writes files below a directory, which is emptied first, so that nothing stale stays. */
export async function writeFiles(directory: string, files: RenderedFiles): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const folders = new Set([...files.keys()].map((path) => dirname(join(directory, path))));
  await Promise.all([...folders].map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all([...files].map(([path, content]) => writeFile(join(directory, path), content)));
}

/** Reads all files below a directory; none where it does not exist. */
export async function readFiles(directory: string): Promise<RenderedFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const root = join(directory, "/");
  // Hundreds of small files: one after the other is a third of the time that as many promises take.
  return new Map(paths.map((path) => [path.slice(root.length), readFileSync(path, "utf8")]));
}
