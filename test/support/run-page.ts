import { fileURLToPath } from "node:url";
import { loadRunReports } from "../../scripts/report/run-html.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates/report", import.meta.url));

/** By the end of their file's name, the reports that a run leaves, made of the templates that users have. */
export const runReports = await loadRunReports(TEMPLATES);
/** A run's page. */
export const runHtml = runReports.html;
