import { fileURLToPath } from "node:url";
import { loadRunHtml, loadRunReports } from "../../scripts/report/run-html.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates/report", import.meta.url));

/** A run's page, made of the templates that users have. */
export const runHtml = await loadRunHtml(TEMPLATES);
/** By the end of their file's name, the reports that a run leaves. */
export const runReports = await loadRunReports(TEMPLATES);
