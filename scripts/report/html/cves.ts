import type { RunReason, RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { details, fold, section } from "./fold.ts";
import { html, type Markup } from "./markup.ts";

/** A vulnerability that a rebuild of what was due closes. */
export interface Cve {
  readonly id: string;
  /** The package that fixes it: `libssl3 3.3.2-r0 → 3.3.2-r1`; empty where the reason does not name it. */
  readonly by: string;
  /** In what was published. */
  readonly closed: readonly string[];
  /** In what was due and was not published: consumers still have it there. */
  readonly open: readonly string[];
}

/** The vulnerabilities that were a reason: what was closed in most targets first. */
export function cvesOf(targets: readonly RunTarget[]): Cve[] {
  const found = new Map<string, { by: string; closed: Set<string>; open: Set<string> }>();
  for (const { target, tags, reasons } of targets) {
    for (const reason of reasons) {
      for (const id of reason.cves) {
        const entry = found.get(id) ?? { by: "", closed: new Set(), open: new Set() };
        (tags.length > 0 ? entry.closed : entry.open).add(target);
        entry.by ||= fixOf(reason, id);
        found.set(id, entry);
      }
    }
  }
  return [...found]
    .map(([id, { by, closed, open }]) => ({ id, by, closed: [...closed], open: [...open] }))
    .sort((a, b) => b.closed.length - a.closed.length || b.id.localeCompare(a.id, "en", { numeric: true }));
}

/** How many vulnerabilities were closed in a target at least. */
export function closedCves({ targets }: RunSummary): number {
  return cvesOf(targets).filter(({ closed }) => closed.length > 0).length;
}

/** The packages of a reason, each by itself: a comma within brackets parts two vulnerabilities of one. */
export function packagesOf({ text }: RunReason): string[] {
  const pieces: string[] = [];
  let isWithin = false;
  for (const part of text.split(", ")) {
    if (isWithin) pieces.push(`${pieces.pop()}, ${part}`);
    else pieces.push(part);
    const [opened, closed] = [part.lastIndexOf("("), part.lastIndexOf(")")];
    if (opened !== closed) isWithin = opened > closed;
  }
  return pieces;
}

function fixOf(reason: RunReason, id: string): string {
  const fixing = packagesOf(reason).find((piece) => piece.split(/[\s(),]+/).includes(id));
  return fixing?.replace(/ \([^()]*\)$/, "") ?? "";
}

const SHOWN = 10;

/** The part of the page that tells which vulnerabilities are closed, and where they stay open. */
export function cvesSection(summary: RunSummary): Markup | undefined {
  const cves = cvesOf(summary.targets);
  if (cves.length === 0) return undefined;
  const closed = closedCves(summary);
  const open = cves.filter((cve) => cve.open.length > 0).length;
  const stay = open > 0 ? `, ${open} still open in what was not` : "";
  const { shown, rest } = fold(cves, SHOWN);
  return section(
    "cves",
    "Vulnerabilities",
    `${closed === 0 ? "None" : closed} closed in what was published${stay}.`,
    html`${table(shown)}${rest.length > 0 && details(`${rest.length} more`, table(rest))}`,
  );
}

function table(cves: readonly Cve[]): Markup {
  const headings = ["Closed in", "Open in"].map((name) => html`<th scope="col" class="number">${name}</th>`);
  return html`<table class="cves">
<caption class="unseen">Vulnerabilities, what fixes each, and in how many targets it is closed or open</caption>
<thead><tr><th scope="col">Vulnerability</th><th scope="col">Fixed by</th>${headings}</tr></thead>
<tbody>${cves.map((one) => row(one))}</tbody></table>`;
}

function row({ id, by, closed, open }: Cve): Markup {
  const cell = (targets: readonly string[]) => (targets.length > 0 ? count(targets.length, "target") : "");
  return html`<tr><th scope="row">${linked(id)}</th><td>${by}</td><td class="number">${cell(closed)}</td><td class="number open">${cell(open)}</td></tr>`;
}

/** Alpine's tracker knows each by its number; what has another kind of name is left as it is. */
function linked(id: string): Markup {
  if (!/^CVE-\d{4}-\d{4,}$/.test(id)) return html`${id}`;
  return html`<a href="https://security.alpinelinux.org/vuln/${id}" rel="noreferrer">${id}</a>`;
}
