import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Catalog, Target } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { isMarked, MARK } from "./mark.ts";
import type { DockerfileTemplate } from "./templates.ts";

/** Rendered files: path → content. */
export type RenderedFiles = ReadonlyMap<string, string>;

/** The Dockerfile of a target, below `images/`: `node/22/Dockerfile`, `node/22/dev/Dockerfile`, `…/debug/…`. */
export function dockerfileOf(target: Target): string {
  return join(target.image, target.version, target.variant === "runtime" ? "" : target.variant, "Dockerfile");
}

/** Renders every Dockerfile of the catalog, by path below `images/`. Pure: writes nothing. */
export function renderCatalog(catalog: Catalog, template: DockerfileTemplate): RenderedFiles {
  return new Map(catalog.targets.map((target) => [dockerfileOf(target), template(target, catalog)]));
}

/** How many targets are rendered before others have their turn: some milliseconds' work. */
const SLICE = 20;

/**
 * The same, for whoever waits for a network meanwhile: rendered at one go, a thousand targets would keep it waiting for
 * so long that a registry has nothing to answer.
 */
export async function renderBesides(catalog: Catalog, template: DockerfileTemplate): Promise<RenderedFiles> {
  const files = new Map<string, string>();
  for (const [index, target] of catalog.targets.entries()) {
    if (index % SLICE === 0) await setImmediate();
    files.set(dockerfileOf(target), template(target, catalog));
  }
  return files;
}

/** Writes files into a folder of the caller's own, which is made where it is missing. */
export async function writeFiles(directory: string, files: RenderedFiles): Promise<void> {
  const writing = [...files].map(([path, content]) =>
    writeWhole(join(directory, path), content, { below: directory }),
  );
  await Promise.all(writing);
}

/** How write-file-atomic names a file until it is whole: the name that it will have, and a number. */
const UNFINISHED = /^(.*\/)?(?:Dockerfile|README\.md)\.\d{1,10}$/;

/** Whether a path is named as a file is that was begun and not finished. */
export function isNamedUnfinished(path: string): boolean {
  return UNFINISHED.test(path);
}

/**
 * Whether a file is one that a run which was killed had begun to write: so named, and it holds nothing, or the
 * beginning of something rendered.
 * @param wanted all that is to come there, where it is known
 */
export function isUnfinished(path: string, text: string, wanted = ""): boolean {
  if (!isNamedUnfinished(path)) return false;
  return isMarked(text) || [`# ${MARK}`, `<!-- ${MARK}`, wanted].some((whole) => whole.startsWith(text));
}

/** Between these two lines of the project's README stands what is rendered; the rest is written by hand. */
const BEGIN = /<!-- languages: rendered by [^>\n]{0,100} -->/;
const END = "<!-- /languages -->";

/** Whether a text has a region to render into. */
export function hasRegion(text: string): boolean {
  return BEGIN.test(text);
}

/**
 * The text with its region filled.
 * @param file only named in the error
 * @throws UserError when the region has no end
 */
export function fillRegion(file: string, text: string, content: string): string {
  const [mark = ""] = BEGIN.exec(text) ?? [];
  const begin = text.indexOf(mark) + mark.length;
  const end = text.indexOf(END, begin);
  if (end < 0) {
    const hint = "add that second line after the rendered table";
    throw new UserError(`${file}: ${mark} is followed by no ${END}`, hint);
  }
  return `${text.slice(0, begin)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}
