import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Catalog } from "../catalog/target.ts";
import { readMeasuredSizes } from "../sizes/measured.ts";
import { compareFiles, type Difference } from "./compare.ts";
import { type RenderedFiles, readFiles, writeFiles } from "./files.ts";
import type { ReadmeFacts } from "./image-view.ts";
import { renderExampleReadmes, renderImageReadmes, renderLanguages } from "./readmes.ts";
import { fillRegion, hasRegion } from "./region.ts";
import type { ReadmeTemplates } from "./templates.ts";

/** All that is rendered of a catalog, and where it stands. */
export interface Rendering {
  /** The folder `images/`, which holds nothing else. */
  readonly images: string;
  /** What is in it, by path below it. */
  readonly inImages: RenderedFiles;
  /** Files among others that are written by hand, by path below the catalog's folder: `README.md`. */
  readonly beside: RenderedFiles;
}

/**
 * Renders what belongs to a catalog: its Dockerfiles and the READMEs of its images; and, where the catalog is
 * the one of its folder, the READMEs of the examples there and the table of languages in the folder's own.
 *
 * @param images the folder that the catalog's Dockerfiles are in
 * @param dockerfiles what `renderCatalog` made
 * @throws UserError when sizes.json or the folder's README are not what they should be
 */
export async function renderAll(
  catalog: Catalog,
  images: string,
  dockerfiles: RenderedFiles,
  templates: ReadmeTemplates,
): Promise<Rendering> {
  const folder = dirname(images);
  // Of several catalogs in one folder, what stands beside them all belongs to catalog.yaml.
  const isMain = basename(images) === "images";
  const facts = isMain ? await readFacts(folder) : NO_FACTS;
  const readmes = renderImageReadmes(catalog, facts, templates);
  const examples = renderExampleReadmes(catalog, facts, templates);
  const readme = isMain ? await readIfPresent(join(folder, "README.md")) : "";
  const beside = new Map([...examples].map(([path, content]) => [`examples/${path}`, content]));
  if (hasRegion(readme)) {
    const languages = renderLanguages(catalog, facts, templates);
    beside.set("README.md", fillRegion(join(folder, "README.md"), readme, languages));
  }
  return { images, inImages: new Map([...dockerfiles, ...readmes]), beside };
}

const NO_FACTS: ReadmeFacts = { sizes: { targets: {}, savings: {} }, examples: new Set() };

/** An example is there once it has what a consumer builds. */
async function readFacts(folder: string): Promise<ReadmeFacts> {
  const examples = join(folder, "examples");
  const names = await readdir(examples).catch(() => []);
  return {
    sizes: await readMeasuredSizes(join(folder, "sizes.json")),
    examples: new Set(names.filter((name) => existsSync(join(examples, name, "Dockerfile")))),
  };
}

/** Where the files on disk are not as rendered, by path below the catalog's folder. */
export async function differencesOf({ images, inImages, beside }: Rendering): Promise<Difference[]> {
  const folder = dirname(images);
  const name = basename(images);
  const committed = new Map<string, string>();
  await Promise.all(
    [...beside.keys()].map(async (path) => committed.set(path, await readIfPresent(join(folder, path)))),
  );
  return [
    ...compareFiles(below(name, await readFiles(images)), below(name, inImages)),
    ...compareFiles(committed, beside),
  ];
}

function below(folder: string, files: RenderedFiles): RenderedFiles {
  return new Map([...files].map(([path, content]) => [join(folder, path), content]));
}

/**
 * Writes what is not as rendered. Nothing stale stays in `images/`.
 * @param differences what `differencesOf` found
 */
export async function writeRendering(
  { images, inImages, beside }: Rendering,
  differences: readonly Difference[],
): Promise<void> {
  const differing = differences.map(({ path }) => path);
  if (differing.some((path) => !beside.has(path))) await writeFiles(images, inImages);
  for (const [path, content] of beside) {
    if (differing.includes(path)) await writeFile(join(dirname(images), path), content);
  }
}

/** How many files there are in a rendering. */
export function fileCount({ inImages, beside }: Rendering): number {
  return inImages.size + beside.size;
}

/** The text of a file; nothing where there is none. */
async function readIfPresent(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
