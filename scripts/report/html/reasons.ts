import type { RunReason, RunSummary, RunTarget } from "../../runs/summary.ts";
import { count } from "../format.ts";
import { packagesOf } from "./cves.ts";
import { details, fold, section, targetNames } from "./fold.ts";
import { groupBy } from "./group.ts";
import { html, type Markup, shortened } from "./markup.ts";

/** Targets that were due for the same reasons. */
export interface Cause {
  readonly reasons: readonly RunReason[];
  readonly targets: readonly string[];
}

/**
 * Puts targets that were due for the same reasons together: one package moves in many images. Both variants of a
 * version count as one, so that nothing is there only because of its pair. What closes a vulnerability comes
 * first, then what concerns most targets.
 */
export function causesOf(targets: readonly RunTarget[]): Cause[] {
  const byReasons = new Map<string, { reasons: readonly RunReason[]; targets: string[] }>();
  for (const pair of groupBy(targets, releaseOf)) {
    const reasons = reasonsOf(pair);
    const key = reasons.map(({ text }) => text).join("\n");
    const cause = byReasons.get(key) ?? { reasons, targets: [] };
    cause.targets.push(...pair.map(({ target }) => target));
    byReasons.set(key, cause);
  }
  const cves = ({ reasons }: Cause) => reasons.reduce((total, reason) => total + reason.cves.length, 0);
  return [...byReasons.values()].sort((a, b) => cves(b) - cves(a) || b.targets.length - a.targets.length);
}

/** What both variants of a version have in common: `node:22` and `node:22-dev` are `node:22`. */
export function releaseOf({ target }: RunTarget): string {
  return target.replace(/-dev$/, "");
}

function reasonsOf(pair: readonly RunTarget[]): RunReason[] {
  const all = pair.flatMap(({ reasons }) => reasons);
  const own = all.filter(({ kind }) => kind !== "pair");
  return [...new Map((own.length > 0 ? own : all).map((reason) => [reason.text, reason])).values()];
}

const SHOWN = 8;

/** The part of the page that tells what was rebuilt, and why. */
export function reasonsSection({ targets }: RunSummary): Markup | undefined {
  const done = targets.filter(({ status }) => status === "done");
  if (done.length === 0) return undefined;
  const causes = causesOf(done);
  const { shown, rest } = fold(causes, SHOWN);
  const only = done.filter(({ tags }) => tags.length === 0).length;
  const lede = `${count(done.length, "target")}, for ${count(causes.length, "cause")}${only > 0 ? `; ${only} built, not published` : ""}.`;
  return section(
    "rebuilt",
    "Rebuilt, and why",
    lede,
    html`${table(shown)}${rest.length > 0 && details(`${count(rest.length, "more cause")}`, table(rest))}`,
  );
}

function table(causes: readonly Cause[]): Markup {
  return html`<table class="causes">
<caption class="unseen">Reasons, and the targets that were rebuilt for them</caption>
<thead><tr><th scope="col">Because</th><th scope="col">Targets</th></tr></thead>
<tbody>${causes.map(
    ({ reasons, targets }) =>
      html`<tr><td>${reasonList(reasons)}</td><td>${targetNames(targets, 8)}</td></tr>`,
  )}</tbody></table>`;
}

/** Each reason, and of packages each by itself. */
export function reasonList(reasons: readonly RunReason[]): Markup {
  const lines = reasons.flatMap((reason) =>
    (reason.kind === "packages" ? packagesOf(reason) : [reason.text]).map(
      (text) =>
        html`<li class="${reason.cves.length > 0 ? "fixes" : "moves"}">${unbroken(shortened(text, 800))}</li>`,
    ),
  );
  return html`<ul class="reasons">${lines}</ul>`;
}

/** No line ends within the number of a vulnerability. */
function unbroken(text: string): Markup {
  const pieces = text.split(/(CVE-\d+-\d+)/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<span class="keep">${piece}</span>` : piece))}`;
}
