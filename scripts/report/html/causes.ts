import type { RunReason, RunSummary, RunTarget } from "../../model/run.ts";
import { groupBy } from "../../system/group.ts";
import { count } from "../../system/shown/format.ts";
import { releaseOf } from "../tally.ts";
import { fold, shortened } from "./parts.ts";

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
export function causesOf(targets: readonly RunTarget[]) {
  const byRelease = groupBy(targets, (one) => releaseOf(one));
  const pairs = [...byRelease.values()].map((pair) => ({ pair, lines: linesOfPair(pair) }));
  const textsOf = (lines: readonly ReasonLine[]) => lines.map(({ text }) => text).sort();
  const alike = groupBy(pairs, ({ lines }) => textsOf(lines).join("\n"));
  const causes = [...alike.values()].map((group) => ({
    lines: group[0].lines,
    targets: group.flatMap(({ pair }) => pair.map(({ target }) => target)),
  }));
  const fixes = (lines: readonly ReasonLine[]) => lines.filter((line) => line.fixes).length;
  return causes.sort((a, b) => fixes(b.lines) - fixes(a.lines) || b.targets.length - a.targets.length);
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

/** How many names of targets are seen without a click; in a table fewer. */
export const NAMES = 12;
const NAMES_IN_TABLE = 8;
const CAUSES = 8;

/** Reasons, each with the targets that were rebuilt for it, for causes.hbs; undefined where nothing was rebuilt. */
export function causesView({ targets }: RunSummary) {
  const done = targets.filter(({ status }) => status === "done");
  if (done.length === 0) return undefined;
  const causes = causesOf(done);
  const only = done.filter(({ tags }) => tags.length === 0).length;
  const unpublished = only > 0 ? `; ${only} built, not published` : "";
  const rows = causes.map((cause) => ({
    reasons: reasonViews(cause.lines),
    names: fold(cause.targets, NAMES_IN_TABLE),
  }));
  return {
    lede: `${count(done.length, "target")}, for ${count(causes.length, "cause")}${unpublished}.`,
    ...fold(rows, CAUSES, "cause"),
  };
}

/** The lines of reasons.hbs. No line of the page ends within the number of a vulnerability, so these are apart. */
export function reasonViews(lines: readonly ReasonLine[]) {
  return lines.map(({ text, fixes }) => ({
    kind: fixes ? "fixes" : "moves",
    pieces: shortened(text, 800)
      .split(/(CVE-\d+-\d+)/)
      .map((piece, index) => ({ text: piece, isCve: index % 2 === 1 })),
  }));
}

/**
 * The vulnerabilities that were a reason: what was closed in most targets first. Each has the package that fixes it
 * (`libssl3 3.3.2-r0 → 3.3.2-r1`; empty where no reason names it) and the targets in which it is closed; open are those
 * that were not published, and consumers still have it there.
 */
export function cvesOf(targets: readonly RunTarget[]) {
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

function fixOf(reason: RunReason, id: string): string {
  const fixing = packagesOf(reason).find((piece) => piece.split(/[\s(),]+/).includes(id));
  return fixing?.replace(/ \([^()]*\)$/, "") ?? "";
}

const CVES = 10;

/** Which vulnerabilities are closed, and where they stay open, for cves.hbs; undefined where none was a reason. */
export function cvesView({ targets }: RunSummary) {
  const cves = cvesOf(targets);
  if (cves.length === 0) return undefined;
  const closed = cves.filter((cve) => cve.closed.length > 0).length;
  const open = cves.filter((cve) => cve.open.length > 0).length;
  const stay = open > 0 ? `, ${open} still open in what was not` : "";
  const cell = (names: readonly string[]) => (names.length > 0 ? count(names.length, "target") : "");
  const rows = cves.map((cve) => ({
    id: cve.id,
    // Alpine's tracker knows each by its number; what has another kind of name is left as it is.
    isLinked: /^CVE-\d{4}-\d{4,}$/.test(cve.id),
    by: cve.by,
    closed: cell(cve.closed),
    open: cell(cve.open),
  }));
  return {
    lede: `${closed === 0 ? "None" : closed} closed in what was published${stay}.`,
    ...fold(rows, CVES),
  };
}
