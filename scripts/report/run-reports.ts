import type { RunSummary } from "../model/run.ts";
import { runHtml } from "./run-html.ts";
import { runMarkdown } from "./run-markdown.ts";

/** Makes a report of a run. @param earlier the runs before it that did the same, the newest first */
export type RunReport = (summary: RunSummary, earlier: readonly RunSummary[]) => string;

/** The reports that every run leaves, by the end of their file's name. */
export const RUN_REPORTS: Readonly<Record<string, RunReport>> = {
  md: runMarkdown,
  html: runHtml,
};
