import { resolve } from "node:path";
import { z } from "zod";
import type { PlacedFile } from "../../model/configuration.ts";
import { VARIANTS } from "../../model/target.ts";
import type { ImageFile } from "../schema/schema.ts";
import { contentOf, contentProblem, folderProblem, readNamedFile } from "../text/contents.ts";
import type { CatalogProblem } from "../text/problems.ts";
import { type CatalogSource, imagesIn, mappingOf, type Path } from "../text/source.ts";

/** A variant with the content of its files, in place of their names. */
type Filled<Entry extends ImageFile["dev"]> = Omit<Entry, "files"> & {
  readonly files: Readonly<Record<string, PlacedFile>>;
};

/** An image of a catalog's file that needs no other file any more: what extends it may lie in another folder. */
export type FilledImage = Omit<ImageFile, "runtime" | "dev"> & {
  readonly runtime: Filled<ImageFile["runtime"]>;
  readonly dev: Filled<ImageFile["dev"]>;
};

/**
 * Reads the files that an image names. One that cannot be read is empty here: `problemsOfFiles` tells of it.
 * @param folder that of the catalog
 */
export function fillImage(image: ImageFile, folder: string): FilledImage {
  const fill = <Entry extends ImageFile["dev"]>(entry: Entry): Filled<Entry> => {
    const files = Object.entries(entry.files).map(([path, { from, text = "", mode, owner }]) => {
      const read = from === undefined ? Buffer.from(text) : readNamedFile(resolve(folder, from));
      const content = contentOf(typeof read === "string" ? Buffer.alloc(0) : read);
      const placed: PlacedFile = { content, mode, owner, ...(from !== undefined && { isRead: true }) };
      return [path, placed] as const;
    });
    return { ...entry, files: Object.fromEntries(files) };
  };
  return { ...image, runtime: fill(image.runtime), dev: fill(image.dev) };
}

const entryShape = z.object({
  from: z.string().optional().catch(undefined),
  text: z.string().optional().catch(undefined),
});
const variantShape = z
  .object({ files: z.record(z.string(), entryShape.catch({})).catch({}) })
  .catch({ files: {} });
const imageShape = z.object({ runtime: variantShape, dev: variantShape });

/**
 * What is wrong with the files that images name or write out, and with the folder of templates: that they are not there,
 * or may not be in an image.
 * @param folder that of the catalog
 */
export function problemsOfFiles(source: CatalogSource, folder: string): CatalogProblem[] {
  const problems: CatalogProblem[] = [];
  const { templates } = mappingOf(source.data) ?? {};
  if (typeof templates === "string") {
    const problem = folderProblem(resolve(folder, templates));
    const place = { file: source.file, ...source.valueAt(["templates"]), subject: templates };
    if (problem !== undefined) problems.push({ ...place, message: problem });
  }
  const tell = (path: Path, message: string | undefined) => {
    const subject = String(path.at(-1));
    if (message !== undefined)
      problems.push({ file: source.file, ...source.valueAt(path), subject, message });
  };
  for (const [name, image] of Object.entries(imagesIn(source.data))) {
    const variants = imageShape.safeParse(image).data;
    for (const variant of VARIANTS) {
      for (const [path, { from, text }] of Object.entries(variants?.[variant].files ?? {})) {
        const place = ["images", name, variant, "files", path];
        if (text !== undefined) tell([...place, "text"], contentProblem(Buffer.from(text)));
        if (from === undefined || from === "") continue;
        const read = readNamedFile(resolve(folder, from));
        tell([...place, "from"], typeof read === "string" ? read : contentProblem(read));
      }
    }
  }
  return problems;
}
