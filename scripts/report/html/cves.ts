import type { RunReason, RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { packagesOf } from "./causes.ts";
import { type Folded, fold } from "./parts.ts";

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

function fixOf(reason: RunReason, id: string): string {
  const fixing = packagesOf(reason).find((piece) => piece.split(/[\s(),]+/).includes(id));
  return fixing?.replace(/ \([^()]*\)$/, "") ?? "";
}

const SHOWN = 10;

/** Which vulnerabilities are closed, and where they stay open: as cves.hbs shows it. */
export interface CvesView
  extends Folded<{ id: string; isLinked: boolean; by: string; closed: string; open: string }> {
  readonly lede: string;
}

/** Undefined where no vulnerability was a reason. */
export function cvesView({ targets }: RunSummary): CvesView | undefined {
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
    ...fold(rows, SHOWN),
  };
}
