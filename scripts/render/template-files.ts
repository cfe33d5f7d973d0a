import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CatalogError, type CatalogProblem, didYouMean } from "../catalog/text/problems.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { partialsNamedIn, problemsOfTemplate, type TemplateFile } from "./template-check.ts";

/** What Birdhouse renders, each of a template of this name. */
const TEMPLATE_NAMES = ["runtime", "dev", "readme", "example", "languages"] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** All templates and partials, by name. */
export interface TemplateFiles {
  readonly templates: ReadonlyMap<TemplateName, TemplateFile>;
  readonly partials: ReadonlyMap<string, TemplateFile>;
  /** Those among them that are not Birdhouse's own. */
  readonly own: ReadonlySet<TemplateFile>;
}

/**
 * Reads the templates and the partials of some folders. Of one name, that of the last folder counts.
 * @param folders Birdhouse's own first
 * @param helpers the helpers that templates may call
 * @throws UserError where a folder cannot be read
 * @throws CatalogError with all that is wrong with those that are not Birdhouse's own
 */
export async function readTemplateFiles(
  folders: readonly string[],
  helpers: readonly string[],
): Promise<TemplateFiles> {
  const templates = new Map<TemplateName, TemplateFile>();
  const partials = new Map<string, TemplateFile>();
  const own = new Set<TemplateFile>();
  /** The partials that Birdhouse has. */
  const ours: string[] = [];
  const problems: CatalogProblem[] = [];
  for (const [index, folder] of folders.entries()) {
    const isOwn = index > 0;
    for (const file of await readFolder(folder, isOwn)) {
      const name = TEMPLATE_NAMES.find((one) => `${one}.hbs` === basename(file.file));
      if (name) templates.set(name, file);
      else if (isOwn) problems.push(strangeFile(file.file));
      if (name && isOwn) own.add(file);
    }
    for (const file of await readFolder(join(folder, "partials"), false)) {
      const name = basename(file.file, ".hbs");
      partials.set(name, file);
      if (!isOwn) ours.push(name);
      if (isOwn) own.add(file);
    }
  }
  if (own.size > 0) problems.push(...problemsOfOwn({ templates, partials, own }, ours, helpers));
  if (problems.length > 0) throw new CatalogError(problems);
  return { templates, partials, own };
}

/** The files of a folder that are templates. @param mustBe whether it must be there, and have some */
async function readFolder(folder: string, mustBe: boolean): Promise<TemplateFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (!mustBe && error.code === "ENOENT") return [];
    const reason = error.code === "ENOENT" ? "there is no such folder" : messageOf(error);
    throw new UserError(
      `${folder}: ${reason}`,
      "templates in the catalog names the folder of your own templates",
    );
  });
  const files = names.filter((name) => name.endsWith(".hbs")).sort();
  const reading = files.map(async (name) => {
    const file = join(folder, name);
    return { file, text: await readFile(file, "utf8") };
  });
  return Promise.all(reading);
}

function strangeFile(file: string): CatalogProblem {
  const names = TEMPLATE_NAMES.map((name) => `${name}.hbs`);
  const advice = didYouMean(basename(file), names) || "; a partial belongs into partials/";
  const message = `no template is called so, expected one of ${names.join(", ")}${advice}`;
  return { file, line: 1, column: 1, subject: basename(file), message };
}

function problemsOfOwn(
  { templates, partials, own }: TemplateFiles,
  ours: readonly string[],
  helpers: readonly string[],
): CatalogProblem[] {
  const all = [...templates.values(), ...partials.values()];
  const used = new Set([...ours, ...all.flatMap(({ text }) => partialsNamedIn(text))]);
  const unused = [...partials].filter(([name]) => !used.has(name));
  return [
    ...[...own].flatMap((file) => problemsOfTemplate(file, { partials: [...partials.keys()], helpers })),
    ...unused.map(([name, { file }]) => {
      const message = `no template uses a partial "${name}"${didYouMean(name, ours)}`;
      return { file, line: 1, column: 1, subject: basename(file), message };
    }),
  ];
}
