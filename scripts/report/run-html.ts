import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import type { RunSummary } from "../model/run.ts";
import { shownIn } from "../system/shown/output.ts";
import { pageView } from "./html/page.ts";
import { runMarkdown } from "./run-markdown.ts";

/**
 * What makes the reports that every run leaves, by the end of their file's name. The page needs nothing beside it: no
 * script, no font, no request. Texts come from programs and servers: they are cleaned here, before anything is cut out
 * of them, and escaped by the templates.
 * @param templates the directory of `run.hbs`, `run.css` and `partials/`
 */
export async function loadRunReports(templates: string) {
  const handlebars = Handlebars.create();
  const partials = join(templates, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  // Strict: a name that a view does not have is an error. No indent: white space within <pre> is seen.
  const options = { strict: true, preventIndent: true };
  const page = handlebars.compile<object>(await readFile(join(templates, "run.hbs"), "utf8"), options);
  const style = await readFile(join(templates, "run.css"), "utf8");
  const html = (summary: RunSummary, earlier: readonly RunSummary[]) =>
    page({ ...pageView(shownIn(summary), shownIn(earlier)), style });
  return { md: runMarkdown, html };
}
