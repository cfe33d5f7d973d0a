import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";
import type { Catalog } from "../model/target.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { inWords } from "../system/files/errors.ts";
import { removeEmptyFolder, removeFile, writeWhole } from "../system/files/files.ts";
import { typed } from "../system/shown/started.ts";
import { fillRegion, hasRegion, type RenderedFiles } from "./files.ts";
import { readMeasuredSizes } from "./measured-sizes.ts";
import { PUBLISHED_SIZES, readPublishedSizes } from "./published-sizes.ts";
import { type ReadmeFacts, renderExampleReadmes, renderImageReadmes, renderLanguages } from "./readmes.ts";
import { readOurs } from "./standing.ts";
import type { ReadmeTemplates } from "./templates.ts";

/** All that is rendered of a catalog, and where it stands. */
export interface Rendering {
  /** The folder `images/`, which holds nothing else. */
  readonly images: string;
  /** All, by path below the catalog's folder: in `images/`, and among files that are written by hand, `README.md`. */
  readonly files: RenderedFiles;
}

/**
 * Renders what belongs to a catalog: its Dockerfiles and the READMEs of its images; and, where the catalog is
 * the one of its folder, the READMEs of the examples there and the table of languages in the folder's own.
 *
 * @param images the folder that the catalog's Dockerfiles are in
 * @param dockerfiles what `renderCatalog` made
 * @throws UserError when sizes.json, published.json or the folder's README are not what they should be
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
  const files = new Map([
    ...[...dockerfiles, ...readmes].map(([path, text]) => [join(basename(images), path), text] as const),
    ...[...examples].map(([path, text]) => [`examples/${path}`, text] as const),
  ]);
  if (hasRegion(readme)) {
    const languages = renderLanguages(catalog, facts, templates);
    files.set("README.md", fillRegion(join(folder, "README.md"), readme, languages));
  }
  return { images, files };
}

const NO_FACTS: ReadmeFacts = {
  sizes: { targets: {}, savings: {} },
  published: { targets: {} },
  examples: new Set(),
};

/** An example is there once it has what a consumer builds. */
async function readFacts(folder: string): Promise<ReadmeFacts> {
  const examples = join(folder, "examples");
  const names = await readdir(examples).catch(() => []);
  return {
    sizes: await readMeasuredSizes(join(folder, "sizes.json")),
    published: await readPublishedSizes(join(folder, PUBLISHED_SIZES)),
    examples: new Set(names.filter((name) => existsSync(join(examples, name, "Dockerfile")))),
  };
}

/**
 * Where the files on disk are not as rendered, by path below the catalog's folder. What is in `images/` and is no
 * longer rendered is among them.
 * @throws UserError that names what is in the way and not ours to change
 */
export async function differencesOf({ images, files }: Rendering): Promise<Difference[]> {
  const differences = compareFiles(await readOurs(dirname(images), basename(images), files), files);
  const isBeside = ({ path }: Difference) => files.has(path) && !path.startsWith(`${basename(images)}/`);
  return differences.toSorted((a, b) => Number(isBeside(a)) - Number(isBeside(b)));
}

/** How many files that were not written are named. */
const SHOWN = 10;

/**
 * Writes what is not as rendered, and removes from `images/` what is no longer rendered. Each file is whole, whatever
 * comes; where some cannot be written, the others are. No symbolic link below the catalog's folder is followed.
 * @param differences what `differencesOf` found
 * @throws UserError that says why, and which are as they were
 */
export async function writeRendering(
  { images, files }: Rendering,
  differences: readonly Difference[],
): Promise<void> {
  const folder = dirname(images);
  const failed: { path: string; error: unknown }[] = [];
  const attempt = (path: string, work: Promise<void>) =>
    work.catch((error: unknown) => void failed.push({ path, error }));
  const paths = differences.map(({ path }) => path);
  const gone = paths.filter((path) => !files.has(path));
  // First, as one may have the name of a folder that is to come.
  await Promise.all(gone.map((path) => attempt(path, removeFile(join(folder, path), { below: folder }))));
  for (const path of gone) await removeEmptied(folder, dirname(path), basename(images));
  const writing = paths.map(async (path) => {
    const text = files.get(path);
    if (text !== undefined) await attempt(path, writeWhole(join(folder, path), text, { below: folder }));
  });
  await Promise.all(writing);
  const [first] = failed;
  if (first) throw notChanged(first.error, failed.map(({ path }) => path).sort(), paths.length);
}

function notChanged(error: unknown, paths: readonly string[], all: number): UserError {
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : "";
  const shown = paths.slice(0, SHOWN).join(", ");
  const hint = error instanceof UserError ? error.hint : undefined;
  return new UserError(
    `${messageOf(error)}\n${paths.length} of ${all} files were not changed: ${shown}${more}`,
    hint === undefined
      ? `run \`${typed("render")}\` again`
      : `${hint}; then run \`${typed("render")}\` again`,
  );
}

/** The text of a file; nothing where there is none. */
async function readIfPresent(file: string): Promise<string> {
  return inWords("read", file, async () =>
    readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (["ENOENT", "EISDIR", "ELOOP"].includes(error.code ?? "")) return "";
      throw error;
    }),
  );
}

/** A file that is not as rendered: its path and a unified diff from what is there to what should be. */
export interface Difference {
  readonly path: string;
  readonly patch: string;
}

/** Where two sets of files differ; a file that is in one only counts as empty in the other. */
export function compareFiles(committed: RenderedFiles, rendered: RenderedFiles): Difference[] {
  const paths = [...new Set([...committed.keys(), ...rendered.keys()])].sort();
  return paths
    .filter((path) => committed.get(path) !== rendered.get(path))
    .map((path) => ({ path, patch: patchOf(path, committed.get(path), rendered.get(path)) }));
}

function patchOf(path: string, before: string | undefined, after: string | undefined): string {
  const from = before === undefined ? "/dev/null" : path;
  const to = after === undefined ? "/dev/null" : path;
  return createTwoFilesPatch(from, to, before ?? "", after ?? "", "committed", "rendered");
}

/** Removes a folder with nothing in it, and those above that so come to have nothing in them. */
async function removeEmptied(folder: string, path: string, within: string): Promise<void> {
  let empty = path;
  while (empty.startsWith(`${within}/`) && (await removeEmptyFolder(join(folder, empty)))) {
    empty = dirname(empty);
  }
}
