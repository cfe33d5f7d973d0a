import type { RunSummary } from "../../model/run.ts";
import { formatBytes } from "../../system/shown/format.ts";
import { closedCves } from "./cves.ts";
import { html, type Markup, plain, shortened } from "./markup.ts";
import { formatChange, formatDuration, formatMoment, secondsOfRun, sum } from "./quantities.ts";
import { countsOf, type Verdict } from "./verdict.ts";

/** A tick, an exclamation mark, a cross: drawn, since fonts differ in such signs. Paths in a square of 24. */
const SIGNS: Readonly<Record<Verdict["tone"], string>> = {
  good: "M7 12.5l3.4 3.4L17 9",
  warn: "M12 6.5v6.8M12 17v.4",
  bad: "M8 8l8 8M16 8l-8 8",
};

/** The top of the page: how it went, and the numbers that one asks for first. */
export function masthead(summary: RunSummary, { tone, title }: Verdict): Markup {
  const { started, registry, profile, error } = summary;
  return html`
<header class="masthead ${tone}">
<p class="when"><b>Birdhouse</b> <time datetime="${started}">${formatMoment(started)}</time></p>
<h1><svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11.25"/><path d="${SIGNS[tone]}"/></svg> ${title}</h1>
<p class="where"><code>${registry}</code>${restText(summary)}</p>
${profile === "sandbox" && html`<p class="sandbox">Made in the sandbox: images for trying out, and not Alpine.</p>`}
${error !== undefined && html`<pre class="error">${shortened(plain(error).trim(), 4000)}</pre>`}
<dl class="figures">${figuresOf(summary).map((one) => figure(one))}</dl>
</header>`;
}

/** What was not done, and what was not due. */
function restText(summary: RunSummary): string {
  const { held, unstarted } = countsOf(summary);
  const parts: readonly [number, string][] = [
    [held, "held back"],
    [unstarted, "not begun"],
    [summary.upToDate, "up to date"],
    [summary.unavailable, "unavailable"],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, words]) => ` · ${number} ${words}`)
    .join("");
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly tone?: "bad" | "good";
}

function figure({ name, value, tone }: Figure): Markup {
  return html`<div class="${tone ?? "plain"}"><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** Only those that say something: a night with nothing to do has few. */
function figuresOf(summary: RunSummary): Figure[] {
  const { targets } = summary;
  const { done, failed } = countsOf(summary);
  const finished = targets.filter(({ status }) => status === "done");
  const seconds = secondsOfRun(summary);
  const cves = closedCves(summary);
  const sent = sum(targets.map(({ uploadedBytes }) => uploadedBytes));
  return [
    ...(targets.length > 0 ? [{ name: "Rebuilt", value: `${done} of ${targets.length}` }] : []),
    ...(failed > 0 ? [{ name: "Failed", value: String(failed), tone: "bad" as const }] : []),
    ...(cves > 0 ? [{ name: "CVEs closed", value: String(cves), tone: "good" as const }] : []),
    ...changeFigure(finished.flatMap(({ platforms }) => platforms)),
    ...(sent > 0 ? [{ name: "Sent", value: formatBytes(sent) }] : []),
    ...(seconds === undefined ? [] : [{ name: "Took", value: formatDuration(seconds) }]),
  ];
}

function changeFigure(platforms: RunSummary["targets"][number]["platforms"]): Figure[] {
  const known = platforms.filter(({ before }) => before);
  if (known.length === 0) return [];
  const change = sum(known.map(({ compressed, before }) => compressed - (before?.compressed ?? 0)));
  return [{ name: "Size", value: formatChange(change) }];
}
