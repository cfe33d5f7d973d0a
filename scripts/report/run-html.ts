import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import type { RunSummary } from "../model/run.ts";
import { shownIn } from "../system/shown/output.ts";
import { pageView } from "./html/page.ts";
import { runMarkdown } from "./run-markdown.ts";

/** Makes a report of a run. @param earlier the runs before it that did the same, the newest first */
export type RunReport = (summary: RunSummary, earlier: readonly RunSummary[]) => string;

/**
 * The reports that every run leaves, by the end of their file's name.
 * @param templates the directory of `run.hbs`, `run.css` and `partials/`
 */
export async function loadRunReports(templates: string): Promise<Readonly<Record<string, RunReport>>> {
  return { md: runMarkdown, html: await loadRunHtml(templates) };
}

/**
 * What makes a run's page for a browser that needs nothing beside it: no script, no font, no request. Texts come from
 * programs and servers: they are cleaned here, before anything is cut out of them, and escaped by the templates.
 * @param templates the directory of `run.hbs`, `run.css` and `partials/`
 */
export async function loadRunHtml(templates: string): Promise<RunReport> {
  const handlebars = Handlebars.create();
  const partials = join(templates, "partials");
  for (const file of await readdir(partials)) {
    handlebars.registerPartial(basename(file, ".hbs"), await readFile(join(partials, file), "utf8"));
  }
  // Strict: a name that a view does not have is an error. No indent: white space within <pre> is seen.
  const options = { strict: true, preventIndent: true };
  const page = handlebars.compile<object>(await readFile(join(templates, "run.hbs"), "utf8"), options);
  const style = await readFile(join(templates, "run.css"), "utf8");
  return (summary, earlier) => page({ ...pageView(shownIn(summary), shownIn(earlier)), style });
}
