import type { RunSummary } from "../model/run.ts";
import { shownIn } from "../system/shown/output.ts";
import { loadPage } from "./html/load-page.ts";
import { pageView } from "./html/page.ts";
import { runMarkdown } from "./run-markdown.ts";

/**
 * What makes the reports that every run leaves, by the end of their file's name. Texts come from programs and servers: they
 * are cleaned here, before anything is cut out of them, and escaped by the templates.
 * @param templates the directory of `run.hbs`, `run.css` and `partials/`
 */
export async function loadRunReports(templates: string) {
  const page = await loadPage(templates, "run");
  const html = (summary: RunSummary, earlier: readonly RunSummary[]) =>
    page(pageView(shownIn(summary), shownIn(earlier)));
  return { md: runMarkdown, html };
}
