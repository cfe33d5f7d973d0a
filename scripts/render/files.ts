import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Catalog, Target } from "../catalog/target.ts";
import type { DockerfileTemplate } from "./templates.ts";

/** Rendered files: path below `images/` → content. */
export type RenderedFiles = ReadonlyMap<string, string>;

/** The Dockerfile of a target, below `images/`: `node/22/Dockerfile`, `node/22/dev/Dockerfile`. */
export function dockerfileOf(target: Target): string {
  return join(target.image, target.version, target.variant === "dev" ? "dev" : "", "Dockerfile");
}

/** Renders every Dockerfile of the catalog. Pure: writes nothing. */
export function renderCatalog(catalog: Catalog, template: DockerfileTemplate): RenderedFiles {
  return new Map(catalog.targets.map((target) => [dockerfileOf(target), template(target, catalog)]));
}

/** Writes rendered files below a directory, which is emptied first, so that nothing stale stays. */
export async function writeFiles(directory: string, files: RenderedFiles): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

/** Reads all files below a directory; none where it does not exist. */
export async function readFiles(directory: string): Promise<RenderedFiles> {
  const files = new Map<string, string>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(join(directory, "/").length), await readFile(path, "utf8"));
  }
  return files;
}
