import { join } from "node:path";
import type { Catalog, Target } from "../model/target.ts";
import { writeWhole } from "../system/files/files.ts";
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

/** Writes files into a folder of the caller's own, which is made where it is missing. */
export async function writeFiles(directory: string, files: RenderedFiles): Promise<void> {
  const writing = [...files].map(([path, content]) =>
    writeWhole(join(directory, path), content, { below: directory }),
  );
  await Promise.all(writing);
}
