import type { RunReason, RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { packagesOf } from "./cves.ts";
import { details, fold, section, targetNames } from "./fold.ts";
import { groupBy } from "./group.ts";
import { html, type Markup, shortened } from "./markup.ts";

/** Targets that were due for the same reasons. */
export interface Cause {
  readonly lines: readonly ReasonLine[];
  readonly targets: readonly string[];
}

/** A reason, or one package of it. */
export interface ReasonLine {
  readonly text: string;
  /** Whether it closes a vulnerability. */
  readonly fixes: boolean;
}

/**
 * Puts targets that were due for the same reasons together: one package moves in many images. Both variants of a
 * version count as one, so that nothing is there only because of its pair. What closes vulnerabilities comes first,
 * then what concerns most targets.
 */
export function causesOf(targets: readonly RunTarget[]): Cause[] {
  const pairs = groupBy(targets, releaseOf).map((pair) => ({ pair, lines: linesOfPair(pair) }));
  const keyOf = ({ lines }: Pick<Cause, "lines">) =>
    lines
      .map(({ text }) => text)
      .sort()
      .join("\n");
  const causes = groupBy(pairs, keyOf).map((group) => ({
    lines: group[0]?.lines ?? [],
    targets: group.flatMap(({ pair }) => pair.map(({ target }) => target)),
  }));
  const fixes = ({ lines }: Cause) => lines.filter((line) => line.fixes).length;
  return causes.sort((a, b) => fixes(b) - fixes(a) || b.targets.length - a.targets.length);
}

/** What both variants of a version have in common: `node:22` and `node:22-dev` are `node:22`. */
export function releaseOf({ target }: RunTarget): string {
  return target.replace(/-dev$/, "");
}

function linesOfPair(pair: readonly RunTarget[]): ReasonLine[] {
  const all = pair.flatMap(({ reasons }) => reasons);
  const own = all.filter(({ kind }) => kind !== "pair");
  return linesOf(own.length > 0 ? own : all);
}

/** Each reason, and of packages each by itself, once; what closes vulnerabilities first, what is only counted last. */
export function linesOf(reasons: readonly RunReason[]): ReasonLine[] {
  const lines = reasons.flatMap((reason) =>
    (reason.kind === "packages" ? packagesOf(reason) : [reason.text]).map((text) => ({
      text,
      fixes: reason.cves.some((cve) => text.includes(cve)),
    })),
  );
  const unique = [...new Map(lines.map((line) => [line.text, line])).values()];
  const counted = unique
    .filter(({ text }) => COUNTED.test(text))
    .map(({ text }) => Number.parseInt(text, 10));
  const named = unique
    .filter(({ text }) => !COUNTED.test(text))
    .sort((a, b) => Number(b.fixes) - Number(a.fixes));
  if (counted.length === 0) return named;
  return [...named, { text: `${Math.max(...counted)} more`, fixes: false }];
}

/** What a plan says of packages that it does not name. */
const COUNTED = /^\d+ more$/;

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
    ({ lines, targets }) => html`<tr><td>${reasonList(lines)}</td><td>${targetNames(targets, 8)}</td></tr>`,
  )}</tbody></table>`;
}

/** Reasons below each other. */
export function reasonList(lines: readonly ReasonLine[]): Markup {
  return html`<ul class="reasons">${lines.map(
    ({ text, fixes }) =>
      html`<li class="${fixes ? "fixes" : "moves"}">${unbroken(shortened(text, 800))}</li>`,
  )}</ul>`;
}

/** No line ends within the number of a vulnerability. */
function unbroken(text: string): Markup {
  const pieces = text.split(/(CVE-\d+-\d+)/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<span class="keep">${piece}</span>` : piece))}`;
}
