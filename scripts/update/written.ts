import type { CatalogEntry } from "../catalog/extend/extend.ts";
import { type Lineage, lineageOf } from "../catalog/extend/lineage.ts";
import { parentPlace } from "../catalog/extend/parent.ts";
import { readEntry, readParent } from "../catalog/load.ts";
import { readCatalogFile } from "../catalog/text/file.ts";
import { CatalogError } from "../catalog/text/problems.ts";
import { type CatalogSource, readSource } from "../catalog/text/source.ts";

/** A version by its image and its name. */
export interface VersionName {
  readonly image: string;
  readonly version: string;
}

/** A catalog as it is written: its text, what that means, and where in it things stand. */
export interface WrittenCatalog {
  readonly file: string;
  readonly text: string;
  readonly source: CatalogSource;
  readonly entry: CatalogEntry;
  readonly bases: Lineage["bases"];
  /** The catalog that it extends, and how people call it. */
  readonly parent?: { readonly file: string; readonly images: CatalogEntry["images"] };
}

/** Reads a catalog file to edit it. @throws UserError, CatalogError with every mistake, as `loadCatalog` */
export async function readWritten(file: string): Promise<WrittenCatalog> {
  return writtenCatalog(file, await readCatalogFile(file));
}

/** The same with a text that may not be in the file yet. */
export async function writtenCatalog(file: string, text: string): Promise<WrittenCatalog> {
  const source = readSource(file, text);
  const parent = await readParent(source, [file]);
  const { entry, problems } = readEntry(source, parent);
  if (!entry) throw new CatalogError(problems);
  const images = parent?.entry?.images;
  const { bases } = lineageOf(source, new Map(Object.entries(images ?? {})));
  const place = parentPlace(source);
  // Where that lies is no place to change anything: a newer Birdhouse brings another.
  const above = place.kind === "birdhouse" ? "Birdhouse's catalog" : place.file;
  return { file, text, source, entry, bases, ...(images && { parent: { file: above, images } }) };
}

/** Where the branch of a version is set, here or in the parent catalog; undefined for one that does not exist. */
export function holderOf(
  written: WrittenCatalog,
  { image, version }: VersionName,
): (VersionName & { readonly fromParent: boolean }) | undefined {
  const { source, bases } = written;
  if (source.has(["images", image, "versions", version, "branch"]))
    return { image, version, fromParent: false };
  const base = bases.get(image);
  if (!base) return undefined;
  return base.fromParent
    ? { image: base.name, version, fromParent: true }
    : holderOf(written, { image: base.name, version });
}

/** Whether an image lists its versions; otherwise it has those of the image that it extends. */
export function saysVersions({ source }: WrittenCatalog, image: string): boolean {
  return source.has(["images", image, "versions"]);
}
