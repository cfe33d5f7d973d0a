import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import Handlebars from "handlebars";

/**
 * Loads a page: it needs nothing beside it, no script, no font, no request. The templates escape all texts.
 * @param templates the directory of the page's template, of `run.css` and of `partials/`
 * @param name of the template: `run`
 * @returns writes the page of a view; a name that the view does not have is an error
 */
export async function loadPage(templates: string, name: string): Promise<(view: object) => string> {
  const handlebars = Handlebars.create();
  const partials = join(templates, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  // Strict: a name that a view does not have is an error. No indent: white space within <pre> is seen.
  const options = { strict: true, preventIndent: true };
  const page = handlebars.compile<object>(await readFile(join(templates, `${name}.hbs`), "utf8"), options);
  const style = await readStyle(templates, "run.css");
  return (view) => page({ ...view, style });
}

/** A style sheet of a folder of templates, behind what all pages have in common (`page.css`, beside the folder). */
export async function readStyle(templates: string, name: string): Promise<string> {
  const parts = [join(dirname(templates), "page.css"), join(templates, name)];
  return (await Promise.all(parts.map((file) => readFile(file, "utf8")))).join("");
}
