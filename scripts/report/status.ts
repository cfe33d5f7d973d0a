import { daysSince, daysUntil } from "../model/end-of-life.ts";
import type { Ledger } from "../model/ledger.ts";
import type { ImageSizes } from "../model/published.ts";
import type { Obstacle } from "../plan/availability.ts";
import { isDue, isUncompared, type PlannedTarget } from "../plan/plan.ts";
import type { Reason } from "../plan/reasons.ts";
import type { Vulnerability } from "../plan/vulnerable.ts";
import {
  count,
  formatBytes,
  formatProse,
  formatShare,
  formatTable,
  oneLine,
} from "../system/shown/format.ts";
import { commandLine } from "../system/shown/started.ts";
import { code, plain, table } from "./markdown.ts";
import { SOURCE_AWAY } from "./names.ts";
import { type HasLedger, ledgerText, unfixedOf } from "./status-ledger.ts";

/** What there is to say of a target. */
export interface TargetStatus {
  readonly planned: PlannedTarget;
  /** Those that Alpine has fixed, by what is installed; undefined where nobody can tell. */
  readonly vulnerabilities: readonly Vulnerability[] | undefined;
  /** When its tag was moved to what it points at; undefined where nobody recorded it. */
  readonly at: Date | undefined;
  /** Whether a signature is there; undefined where the catalog wants none. */
  readonly isSigned: boolean | undefined;
  /** What scans wrote down; undefined where there was none yet. */
  readonly ledger?: Ledger | undefined;
  /** Why the registry did not tell all of it. */
  readonly problem?: string | undefined;
}

/** A tag of a version that the catalog has no longer. */
export interface LeftTag {
  /** `node:18` */
  readonly name: string;
  /** What it is pulled by: `ghcr.io/birds/node:18`. */
  readonly reference: string;
  /** Undefined where it is gone by now. */
  readonly digest: string | undefined;
  readonly at: Date | undefined;
}

/** What a registry holds, and how it stands. */
export interface Status {
  readonly targets: readonly TargetStatus[];
  readonly left: readonly LeftTag[];
  /** What could not be asked. */
  readonly unknown: readonly string[];
}

export const STATUS_HEADING = [
  ...["TARGET", "VERSION", "AGE", "SIZE", "FIXABLE", "UNFIXED", "END OF LIFE", "STATE"],
];

/** What tells of a target's ledger. */
export function ledgersOf(targets: readonly TargetStatus[]): HasLedger[] {
  return targets.map(({ planned: { target, published }, ledger }) => {
    return { name: target.name, digest: published?.digest, ledger };
  });
}

/**
 * What the registry holds, as a person reads it. @param width of a line, in characters; undefined where there is no bound
 */
export function statusText({ targets, left, unknown }: Status, today: Date, width?: number): string {
  const rows = targets.map((one) => rowOf(one, today));
  const sections = [
    formatTable([STATUS_HEADING, ...rows], width),
    vulnerabilitiesText(targets, width),
    ledgerText(ledgersOf(targets), today, width),
    leftText(left, width),
    unknown.length === 0 ? "" : formatProse(`Could not be found out:\n${unknown.join("\n")}`, width),
    formatProse(tallyOf(targets), width),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** The cells of a target, as the heading has them. */
export function rowOf(one: TargetStatus, today: Date): string[] {
  const { planned, vulnerabilities } = one;
  const { target, published } = planned;
  const [ledger] = ledgersOf([one]);
  const unfixed = ledger && unfixedOf(ledger);
  return [
    target.name,
    versionOf(one) ?? "-",
    one.at ? ageOf(one.at, today) : "-",
    sizeOf(one) ?? "-",
    published && vulnerabilities ? String(namesIn(vulnerabilities).length) : "-",
    unfixed ? String(new Set(unfixed.map(({ id }) => id)).size) : "-",
    target.endOfLife ?? "-",
    stateOf(one, today),
  ];
}

/** The exact version, such as `22.16.0-r2`, where the image says what is installed. */
export function versionOf({ planned: { target, published } }: TargetStatus): string | undefined {
  return platformsIn(published?.sizes).flatMap(
    ({ packages }) => packages.get(target.package)?.version ?? [],
  )[0];
}

/** The largest of its platforms, beside its budget. */
function sizeOf({ planned: { target, published } }: TargetStatus): string | undefined {
  const sizes = platformsIn(published?.sizes);
  if (sizes.length === 0) return undefined;
  const largest = Math.max(...sizes.map(({ compressed }) => compressed));
  const share = target.budget === undefined ? "" : ` (${formatShare(largest, target.budget)})`;
  return `${formatBytes(largest)}${share}`;
}

function platformsIn(sizes: ImageSizes | undefined) {
  return [...(sizes ?? new Map<string, never>()).values()];
}

/** Whole days: `today`, `1 day`, `12 days`. */
function ageOf(at: Date, today: Date): string {
  const days = daysSince(at, today);
  return days <= 0 ? "today" : count(days, "day");
}

/** `up to date`, or what is to be said of it, the first thing first. */
function stateOf({ planned, isSigned, problem }: TargetStatus, today: Date): string {
  if (problem !== undefined) return `could not be read: ${oneLine(problem)}`;
  const { target, published, support, obstacle, reasons, held } = planned;
  if (!published) {
    if (obstacle?.isUnknown) return `not published, and ${causeOf(obstacle)}`;
    return obstacle ? `not published: ${obstacle.text}` : "not published";
  }
  const lacking = target.platforms.filter((one) => published.platforms?.includes(one) === false);
  return (
    [
      isDue(planned) ? `due: ${kindsIn(reasons)}` : "",
      obstacle ? `cannot be rebuilt: ${causeOf(obstacle)}` : "",
      isUncompared(planned) ? "not compared" : "",
      held.length > 0 ? `waits: ${kindsIn(held.map(({ reason }) => reason))}` : "",
      support === "ending" ? `ends in ${count(daysUntil(target.endOfLife ?? "", today), "day")}` : "",
      support === "archived" ? "archived" : "",
      lacking.length > 0 ? `without ${lacking.join(", ")}` : "",
      isSigned === false ? "not signed" : "",
    ]
      .filter((text) => text !== "")
      .join("; ") || "up to date"
  );
}

/** What could not be found out stands once below the table: a server that is away is that for all targets. */
function causeOf({ text, isUnknown }: Obstacle): string {
  return isUnknown ? SOURCE_AWAY : text;
}

/** In a word each: `packages, base`. What exactly, `explain` tells. */
function kindsIn(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map(({ kind }) => kind))].join(", ");
}

/** The names of vulnerabilities, each once. */
function namesIn(vulnerabilities: readonly Vulnerability[]): string[] {
  return [...new Set(vulnerabilities.map(({ name }) => name))];
}

/** Each vulnerability once: who holds it, and which build of which package is without it. */
export function fixableRows(targets: readonly TargetStatus[]): string[][] {
  const rows = new Map<
    string,
    { name: string; fixed: string; installed: Set<string>; holders: Set<string> }
  >();
  for (const { planned, vulnerabilities } of targets) {
    for (const { name, package: packageName, installed, fixed } of vulnerabilities ?? []) {
      const key = `${name} ${fixed}`;
      const row = rows.get(key) ?? { name, fixed, installed: new Set(), holders: new Set() };
      rows.set(key, row);
      row.installed.add(`${packageName} ${installed}`);
      row.holders.add(planned.target.name);
    }
  }
  return [...rows.values()]
    .map(({ name, fixed, installed, holders }) => [
      name,
      fixed,
      [...installed].join(", "),
      [...holders].join(" "),
    ])
    .sort();
}

export const FIXABLE_HEADING = ["FIXED BY ALPINE", "IN", "INSTALLED", "HELD BY"];

function vulnerabilitiesText(targets: readonly TargetStatus[], width: number | undefined): string {
  const rows = fixableRows(targets);
  return rows.length === 0 ? "" : formatTable([FIXABLE_HEADING, ...rows], width);
}

function leftText(left: readonly LeftTag[], width: number | undefined): string {
  if (left.length === 0) return "";
  const rows = left.map(({ name, at }) => [name, at?.toISOString().slice(0, 10) ?? "-"]);
  // What a registry lists is put into a shell: quoted.
  const command = commandLine(["skopeo", "delete", `docker://${left[0]?.reference}`]);
  const advice =
    "They are no longer in the catalog, and stay as they are for whoever pulls them.\n" +
    `→ to remove one, and what is told of it: ${command}, and the same with .history and .ledger behind it`;
  return `${formatTable([["LEFT THE CATALOG", "PUBLISHED"], ...rows], width)}\n${formatProse(advice, width)}`;
}

/** How many there are of what, in a sentence or two. */
export function tallyOf(targets: readonly TargetStatus[]): string {
  const published = targets.filter(({ planned }) => planned.published);
  const due = targets.filter(({ planned }) => isDue(planned));
  const affected = published.filter(({ vulnerabilities = [] }) => vulnerabilities.length > 0);
  const unread = published.filter(({ vulnerabilities }) => !vulnerabilities).length;
  const doubt =
    unread === 0 ? "" : ` Of ${unread} nobody can tell: a list of fixes or of packages is missing.`;
  return (
    `${published.length} of ${count(targets.length, "target")} published, ${due.length} due, ` +
    `${affected.length} with vulnerabilities that Alpine has fixed.${doubt}`
  );
}

/** The same as a table of Markdown, for an issue or a page. */
export function statusMarkdown({ targets, left }: Status, today: Date): string {
  const rows = targets.map((one) => {
    const [name = "", ...cells] = rowOf(one, today);
    return [code(name), ...cells.map((cell) => plain(cell))];
  });
  const gone = left.map(({ name }) => code(name)).join(", ");
  const text = table([
    STATUS_HEADING.map((name) => `${name.charAt(0)}${name.slice(1).toLowerCase()}`),
    ...rows,
  ]);
  return gone === "" ? text : `${text}\n\nLeft the catalog: ${gone}.`;
}
