import type { RunReason, RunSummary, RunTarget } from "../../runs/summary.ts";
import { count } from "../format.ts";
import { details, fold, section } from "./fold.ts";
import { html, type Markup } from "./markup.ts";

/** A vulnerability that a rebuild closes. */
export interface ClosedCve {
  readonly id: string;
  /** The package that fixes it: `libssl3 3.3.2-r0 → 3.3.2-r1`; empty where the reason does not name it. */
  readonly by: string;
  readonly targets: readonly string[];
}

/** What the rebuilding of these targets closes: what concerns most targets first. */
export function cvesOf(targets: readonly RunTarget[]): ClosedCve[] {
  const found = new Map<string, { by: string; targets: Set<string> }>();
  for (const { target, reasons } of targets) {
    for (const reason of reasons) {
      for (const id of reason.cves) {
        const entry = found.get(id) ?? { by: "", targets: new Set() };
        entry.targets.add(target);
        entry.by ||= fixOf(reason, id);
        found.set(id, entry);
      }
    }
  }
  return [...found]
    .map(([id, { by, targets: concerned }]) => ({ id, by, targets: [...concerned] }))
    .sort((a, b) => b.targets.length - a.targets.length || b.id.localeCompare(a.id, "en", { numeric: true }));
}

/** The packages of a reason, each by itself: a comma within brackets parts two vulnerabilities of one. */
export function packagesOf({ text }: RunReason): string[] {
  return text.split(/, (?![^(]*\))/);
}

function fixOf(reason: RunReason, id: string): string {
  const fixing = packagesOf(reason).find((piece) => piece.split(/[\s(),]+/).includes(id));
  return fixing?.replace(/ \([^)]*\)$/, "") ?? "";
}

const SHOWN = 10;

/** The part of the page that tells which vulnerabilities are closed, and which stay open. */
export function cvesSection({ targets }: RunSummary): Markup | undefined {
  const closed = cvesOf(targets.filter(({ status }) => status === "done"));
  const open = cvesOf(targets.filter(({ status }) => status !== "done"));
  if (closed.length + open.length === 0) return undefined;
  const stay =
    open.length > 0 && html`<h3 class="warn">Still open, for what was not rebuilt</h3>${tables(open)}`;
  const lede = [
    `${closed.length === 0 ? "None" : closed.length} closed by what was rebuilt`,
    open.length > 0 && `, ${open.length} still open`,
    ".",
  ];
  return section("cves", "Vulnerabilities", lede, html`${closed.length > 0 && tables(closed)}${stay}`);
}

function tables(cves: readonly ClosedCve[]): Markup {
  const { shown, rest } = fold(cves, SHOWN);
  return html`${table(shown)}${rest.length > 0 && details(`${rest.length} more`, table(rest))}`;
}

function table(cves: readonly ClosedCve[]): Markup {
  return html`<table class="cves">
<caption class="unseen">Vulnerabilities, what fixes each, and in how many targets</caption>
<thead><tr><th scope="col">Vulnerability</th><th scope="col">Fixed by</th><th scope="col" class="number">In</th></tr></thead>
<tbody>${cves.map(
    ({ id, by, targets }) =>
      html`<tr><th scope="row">${linked(id)}</th><td>${by}</td><td class="number">${count(targets.length, "target")}</td></tr>`,
  )}</tbody></table>`;
}

/** Alpine's tracker knows each by its number; what has another kind of name is left as it is. */
function linked(id: string): Markup {
  if (!/^CVE-\d{4}-\d{4,}$/.test(id)) return html`${id}`;
  return html`<a href="https://security.alpinelinux.org/vuln/${id}" rel="noreferrer">${id}</a>`;
}
