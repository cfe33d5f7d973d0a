import { daysUntil, WARNING_DAYS } from "../model/end-of-life.ts";
import { count, formatProse, formatTable } from "../system/shown/format.ts";
import type { Findings } from "../update/find.ts";
import { type Carried, type Change, type Decisions, isEdit, isNewBranch } from "../update/situation.ts";
import { plain, table } from "./markdown.ts";

/** How `updateText` tells of changes. */
export interface UpdateTextOptions {
  /** The file of the catalog, as given. */
  readonly catalog: string;
  /** Whether the table is Markdown: the body of a pull request. */
  readonly markdown: boolean;
  /** Whether targets were named: then all of them are told. */
  readonly isNamed: boolean;
  readonly isWritten: boolean;
  /** Of a line, in characters. */
  readonly width?: number | undefined;
  /** For the body of a pull request. */
  readonly decisions?: Decisions | undefined;
}

/** What the catalog should change, or has changed, and what could not be asked. */
export function updateText(
  { changes, carried, problems }: Pick<Findings, "changes" | "carried" | "problems">,
  today: Date,
  { catalog: file, markdown, isNamed, isWritten, width, decisions }: UpdateTextOptions,
): string {
  const tableOf = (rows: readonly (readonly string[])[]) =>
    markdown ? `${table(rows.map((row) => row.map((cell) => plain(cell))))}\n` : formatTable(rows, width);
  const told = changesText(changes, today, isNamed, tableOf);
  return [
    ...(isNamed ? [carriedText(carried, problems.length > 0, width), ""] : []),
    ...(told === "" ? [] : [told]),
    ...problems.map((problem) => formatProse(`not asked: ${problem}`, width)),
    formatProse(sumText(changes, file, isWritten, problems.length > 0), width),
    ...(decisions ? decisionLines(decisions) : []),
  ].join("\n");
}

/** What is to be decided, as a list of Markdown; nothing where there is nothing. */
function decisionLines({ moved, added }: Decisions): string[] {
  const lines = [
    ...moved.map(
      ({ image, tag, from, to }) =>
        `- \`${image}:${tag}\` moves from ${from} to ${to}${tag === "latest" ? `; \`latest: true\` at ${from} keeps it there` : ""}.`,
    ),
    ...added.map(
      ({ image, version, news }) =>
        `- ${plain(image)} ${version}: add its \`eol\`, the day on which its makers end it${news === undefined ? "" : `. [What is new](${news})`}.`,
    ),
  ];
  return lines.length === 0 ? [] : ["", "### Before you merge", "", ...lines];
}

/**
 * Changes as people read them: a table, and what there is besides. Of the many versions that ended long ago
 * only their number is told, unless `all` are asked for.
 */
export function changesText(
  changes: readonly Change[],
  today: Date,
  all: boolean,
  tableOf: (rows: readonly (readonly string[])[]) => string = formatTable,
): string {
  const isOld = (change: Change) =>
    change.kind === "ended" && !all && daysUntil(change.since, today) < -WARNING_DAYS;
  const shown = changes.filter((change) => !isOld(change));
  const old = changes.length - shown.length;
  const heading = ["IMAGE", "VERSION", "CHANGE", "FROM → TO", "WHY"];
  return [
    ...(shown.length > 0 ? [tableOf([heading, ...shown.map((one) => rowOf(one))])] : []),
    ...(old > 0 ? [`Not shown: ${count(old, "version")} that ended long ago.`] : []),
  ].join("\n");
}

/** What could be, or was, written. @param isPartial whether something could not be asked */
export function sumText(
  changes: readonly Change[],
  file: string,
  isWritten: boolean,
  isPartial = false,
): string {
  const edits = changes.filter((one) => isEdit(one)).length;
  if (edits === 0) return `${file}: nothing to change${isPartial ? ", as far as could be found out" : ""}.`;
  return `${file}: ${count(edits, "change")} ${isWritten ? "written" : "to make: use --write"}.`;
}

/** Which supported branch carries which version. */
/** @param isPartly whether something could not be asked: then nobody knows that no branch has it */
function carriedText(carried: readonly Carried[], isPartly: boolean, width?: number): string {
  const none = isPartly ? "not known" : "-";
  const rows = carried.map((one) => [one.image, one.version, one.branch, one.carriers.join(" ") || none]);
  return formatTable([["IMAGE", "VERSION", "ALPINE", "CARRIED BY"], ...rows], width);
}

function rowOf(change: Change): string[] {
  switch (change.kind) {
    case "branch": {
      const from = change.from === undefined ? "" : `${change.from} `;
      const ofCommunity = change.repository === undefined ? "" : " of community";
      const what = isNewBranch(change) ? "new branch" : `new end date${ofCommunity}`;
      return ["Alpine", change.branch, what, `${from}→ ${change.to}`, whyOf(change)];
    }
    case "move":
      return [change.image, change.version, "move", `${change.from} → ${change.to}`, whyOf(change)];
    case "new-version":
      return [change.image, change.version, "new version", `→ ${change.branch}`, whyOf(change)];
    case "ended":
      return [change.image, change.version, "ended", change.branch, `since ${change.since}: ${change.why}`];
    case "hint":
      return [change.image, change.version, "check", "-", change.why];
  }
}

function whyOf(change: Exclude<Change, { kind: "ended" | "hint" }>): string {
  return [
    ...("above" in change ? [`in ${change.above}`] : []),
    change.why,
    ...(change.kind === "move" && change.package ? [`without its own package ${change.package.from}`] : []),
    ...(change.kind === "new-version" && change.package !== undefined ? [`by ${change.package}`] : []),
    ...(change.kind === "move" && change.along.length > 0 ? [`with ${change.along.join(", ")}`] : []),
  ].join("; ");
}
