import type { RunSummary, RunTarget } from "../../model/run.ts";
import { STAGES } from "../../model/stage.ts";
import { count, formatBytes } from "../../system/shown/format.ts";
import { details, section } from "./fold.ts";
import { html, type Markup } from "./markup.ts";
import { formatDuration } from "./quantities.ts";

const STATUS: Readonly<Record<RunTarget["status"], string>> = {
  done: "done",
  failed: "failed",
  held: "held back",
  unstarted: "not begun",
};

const HEADINGS = ["Compressed", "Unpacked", "Sent", "Build", "Smoke", "Publish"];

/** The part of the page with every target that was due, in the order of the plan, for who wants all of it. */
export function allTargetsSection({ targets }: RunSummary): Markup | undefined {
  if (targets.length === 0) return undefined;
  const table = html`<div class="wide" role="region" aria-label="All targets" tabindex="0"><table>
<caption class="unseen">All targets that were due</caption>
<thead><tr><th scope="col">Target</th><th scope="col">Outcome</th>${HEADINGS.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col">Tags</th><th scope="col">Digest</th></tr></thead>
<tbody>${targets.map((one) => row(one))}</tbody></table></div>`;
  return section(
    "targets",
    "All targets",
    "In the order of the plan, with tags and digests.",
    details(`Show ${count(targets.length, "target")}`, table),
  );
}

function row(target: RunTarget): Markup {
  const { platforms, uploadedBytes, seconds, tags, digest = "" } = target;
  const numbers = [
    platforms.map(({ compressed }) => formatBytes(compressed)).join(" / "),
    platforms.map(({ unpacked }) => formatBytes(unpacked)).join(" / "),
    uploadedBytes > 0 ? formatBytes(uploadedBytes) : "",
    ...STAGES.map((stage) => (seconds[stage] > 0 ? formatDuration(seconds[stage]) : "")),
  ].map((cell) => html`<td class="number">${cell}</td>`);
  return html`<tr><th scope="row"><code>${target.target}</code></th><td class="${target.status}">${STATUS[target.status]}</td>${numbers}<td>${tags.join(" ")}</td><td><code class="digest">${digest}</code></td></tr>`;
}
