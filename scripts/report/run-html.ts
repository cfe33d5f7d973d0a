import type { RunSummary } from "../model/run.ts";
import { allTargetsSection } from "./html/all-targets.ts";
import { cvesSection } from "./html/cves.ts";
import { failuresSection } from "./html/failures.ts";
import { historySection } from "./html/history.ts";
import { html, type Markup } from "./html/markup.ts";
import { masthead } from "./html/masthead.ts";
import { formatDay } from "./html/quantities.ts";
import { reasonsSection } from "./html/reasons.ts";
import { sizesSection } from "./html/sizes.ts";
import { STYLE } from "./html/style.ts";
import { sentSection, timesSection } from "./html/times.ts";
import { notesSection, unknownSection } from "./html/unknown.ts";
import { verdictOf } from "./html/verdict.ts";

/**
 * What a run did, as one page for a browser that needs nothing beside it: no script, no font, no request. What a
 * person asks first comes first: how it went, what failed, what could not be found out, what was rebuilt and why;
 * then sizes, times, and the runs before.
 *
 * @param earlier the runs before it, the newest first; the chart takes as many as it has room for
 */
export function runHtml(summary: RunSummary, earlier: readonly RunSummary[]): string {
  const verdict = verdictOf(summary);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${verdict.title} · ${formatDay(summary.started)} · Birdhouse</title>
${STYLE}
</head>
<body>
<main>
${masthead(summary, verdict)}
${failuresSection(summary)}
${unknownSection(summary)}
${reasonsSection(summary)}
${cvesSection(summary)}
${notesSection(summary)}
${sizesSection(summary)}
${timesSection(summary)}
${sentSection(summary)}
${historySection(summary, earlier)}
${allTargetsSection(summary)}
</main>
${colophon(summary)}
</body>
</html>
`.toString();
}

/** What a bug report would want to know. */
function colophon({ id, version, engine, command, started, ended, exitCode }: RunSummary): Markup {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Run", id],
    ["Command", command],
    ["Birdhouse", version],
    ["Engine", engine],
    ["Started", started],
    ["Ended", ended],
    ["Exit code", exitCode?.toString()],
  ];
  const known = facts.filter(([, value]) => value !== undefined);
  return html`<footer><dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></footer>`;
}
