import type { RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { type Failure, readFailure } from "../failure.ts";
import { CALLED_OUT } from "../runs/summarize.ts";
import { details, fold, section, targetNames } from "./fold.ts";
import { groupBy } from "./group.ts";
import { html, type Markup, plain, shortened } from "./markup.ts";
import { formatDay } from "./quantities.ts";
import { linesOf, reasonList } from "./reasons.ts";

/** How many failures are told in full, and how many in short behind a click; of the rest only the names. */
const SHOWN = 12;
const TOLD = 100;
/** Characters of a message: in full, and in short. */
const LONG = 6000;
const SHORT = 400;

/** Lines of a message that are seen without a click: what failed comes first, and why at the end. */
const FIRST_LINES = 3;
const LAST_LINES = 12;

/** The part of the page that tells what failed, with its messages, and what was left because of it. */
export function failuresSection(summary: RunSummary): Markup | undefined {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  const left = leftText(summary);
  if (failed.length === 0) return left && section("left", "Not done", leftLede(summary), left);
  const groups = groupBy(failed, ({ failure, failedRuns }) => {
    const { cause, detail, hints } = readFailure(failure?.message ?? "");
    return JSON.stringify([failure?.stage, cause, detail, hints, failedRuns]);
  }).sort((a, b) => runsOf(b) - runsOf(a));
  const { shown, rest } = fold(groups, SHOWN);
  return section(
    "failed",
    "Failed",
    failedLede(failed),
    html`${shown.map((group) => failureCard(group, LONG))}${moreText(rest)}${left}`,
  );
}

function moreText(groups: readonly (readonly RunTarget[])[]): Markup {
  if (groups.length === 0) return html``;
  const told = groups.slice(0, TOLD - SHOWN);
  const named = groups.slice(told.length).flatMap((group) => group.map(({ target }) => target));
  const cards = told.map((group) => failureCard(group, SHORT));
  return details(
    count(groups.length, "more failure"),
    html`${cards}${named.length > 0 && html`<p>And these: the run's journal has their messages.</p>${targetNames(named)}`}`,
  );
}

function failedLede(failed: readonly RunTarget[]): string {
  const stubborn = failed.filter(({ failedRuns = 0 }) => failedRuns >= CALLED_OUT).length;
  const fresh = failed.filter(({ failedRuns }) => failedRuns === 1).length;
  return [
    `${count(failed.length, "target")}`,
    ...(fresh > 0 ? [`${fresh} for the first time`] : []),
    ...(stubborn > 0 ? [`${stubborn} for ${CALLED_OUT} runs or more: that will not pass by itself`] : []),
  ]
    .join(", ")
    .concat(".");
}

function runsOf([first]: readonly RunTarget[]): number {
  return first?.failedRuns ?? 0;
}

/** Targets that failed alike, the message once. */
function failureCard(group: readonly RunTarget[], most: number): Markup {
  const [first] = group;
  if (!first) return html``;
  const { failure } = first;
  const named =
    group.length === 1
      ? html`<h3><code>${first.target}</code></h3>`
      : html`<h3>${count(group.length, "target")}</h3>`;
  return html`
<article class="failure">
<header>${named}${failure && html`<span class="stage">${failure.stage} failed</span>`}${sinceText(first)}</header>
${group.length > 1 && targetNames(group.map(({ target }) => target))}
${failure && failureText(readFailure(failure.message), most)}
${failure?.repeat !== undefined && html`<p>To repeat it: <code>${failure.repeat}</code></p>`}
${group.length === 1 && first.reasons.length > 0 && details("Why it was due", reasonList(linesOf(first.reasons)))}
</article>`;
}

/** Why, what to do about it, and behind a click what a program printed. */
function failureText({ cause, detail, hints, log, command }: Failure, most: number): Markup {
  const why = detail === undefined ? cause : `${cause}\n${detail}`;
  const told = [log ?? "", command === undefined ? "" : `the command was: ${command}`].join("\n").trim();
  return html`${messageText(shortened(plain(why).trim(), most))}
${hints.map((hint) => html`<p>→ ${hint}</p>`)}
${told !== "" && details("What it printed", html`<pre>${shortened(plain(told), most)}</pre>`)}`;
}

/** A message, its middle behind a click where it is long. */
function messageText(message: string): Markup {
  const lines = message.split("\n");
  if (lines.length <= FIRST_LINES + LAST_LINES + 1) return html`<pre>${message}</pre>`;
  const middle = lines.slice(FIRST_LINES, -LAST_LINES);
  return html`<pre>${lines.slice(0, FIRST_LINES).join("\n")}</pre>
${details(`${middle.length} lines between`, html`<pre>${middle.join("\n")}</pre>`)}
<pre>${lines.slice(-LAST_LINES).join("\n")}</pre>`;
}

/** `for 3 runs in a row, since 23 Nov` */
function sinceText({ failedRuns, failingSince }: RunTarget): Markup | undefined {
  if (failedRuns === undefined) return undefined;
  if (failedRuns <= 1) return html`<span class="since">for the first time</span>`;
  const date = failingSince === undefined ? "" : `, since ${formatDay(failingSince)}`;
  const text = `for ${failedRuns} runs in a row${date}`;
  return html`<span class="since ${failedRuns >= CALLED_OUT ? "stubborn" : "again"}">${text}</span>`;
}

/** What nothing is wrong with, but was not done. */
function leftText({ targets }: RunSummary): Markup | undefined {
  const parts = (["held", "unstarted"] as const).flatMap((status) => {
    const names = targets.filter((one) => one.status === status).map(({ target }) => target);
    return names.length > 0 ? [html`<h3 class="warn">${HEADINGS[status]}</h3>${targetNames(names)}`] : [];
  });
  return parts.length > 0 ? html`<div class="left">${parts}</div>` : undefined;
}

const HEADINGS = {
  held: "Held back, because its pair failed",
  unstarted: "Not begun, or not to the end",
};

function leftLede({ targets }: RunSummary): string {
  const left = targets.filter(({ status }) => status === "held" || status === "unstarted");
  return `${count(left.length, "target")}, for the next run to do.`;
}
