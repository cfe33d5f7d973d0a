import { latencyIn, latencyOf, waitIn } from "../model/latency.ts";
import { isOpen, type Ledger, type LedgerEntry, type LedgerSource } from "../model/ledger.ts";
import { count, formatProse, formatTable, oneLine } from "../system/shown/format.ts";
import { formatWait, latencyJson, latencyText } from "./latency-text.ts";

/** What a scan found out. */
export interface Scan {
  /** What looked beside Alpine's list; undefined where nothing did. */
  readonly scanner: string | undefined;
  readonly targets: readonly ScannedTarget[];
  /** What could not be asked. */
  readonly unknown: readonly string[];
  /** Whether ledgers were left as they are. */
  readonly isDry: boolean;
}

/** What came of one target. */
export interface ScannedTarget {
  readonly target: string;
  /** Of what its tag points at; undefined where there is none, or it could not be read. */
  readonly digest?: string;
  /** Its ledger before the look and after it; undefined with the digest. */
  readonly before?: Ledger;
  readonly after?: Ledger;
  /** Those that answered. */
  readonly sources?: readonly LedgerSource[];
  /** The platforms of which a statement (VEX) was made, as an exception is another than when the last one was. */
  readonly vex?: readonly string[];
  /** What went wrong. */
  readonly problems: readonly string[];
}

/** An entry, and whose it is. */
interface Told {
  readonly target: string;
  readonly entry: LedgerEntry;
}

/** What scripts and people are told of a scan. */
function sortedOut({ targets }: Pick<Scan, "targets">) {
  const told = targets.flatMap(({ target, after }) =>
    (after?.entries ?? []).map((entry): Told => ({ target, entry })),
  );
  const known = new Map(
    targets.flatMap(({ target, before }) =>
      (before?.entries ?? []).map((entry) => [keyOf(target, entry), entry] as const),
    ),
  );
  const wasOpen = ({ target, entry }: Told) => {
    const before = known.get(keyOf(target, entry));
    return before === undefined || isOpen(before);
  };
  return {
    all: told.map(({ entry }) => entry),
    open: told.filter(({ entry }) => isOpen(entry)),
    isNew: ({ target, entry }: Told) => !known.has(keyOf(target, entry)),
    published: told.filter((one) => one.entry.publishedByUs && wasOpen(one)),
    withdrawn: told.filter((one) => one.entry.withdrawn !== undefined && wasOpen(one)),
  };
}

function keyOf(target: string, { id, package: name, firstSeen }: LedgerEntry): string {
  return `${target} ${name} ${id} ${firstSeen}`;
}

/**
 * What a scan found, as a person reads it.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function scanText(scan: Scan, now: Date, width?: number): string {
  const { all, open, isNew, published, withdrawn } = sortedOut(scan);
  const problems = scan.targets.flatMap(({ target, problems: texts }) =>
    texts.map((text) => `✖ ${target}: ${oneLine(text)}`),
  );
  const sections = [
    openTable(open, isNew, now, width),
    closedTable(published, width),
    withdrawnText(withdrawn, width),
    vexText(scan.targets, width),
    scan.unknown.length === 0
      ? ""
      : formatProse(`Could not be found out:\n${scan.unknown.join("\n")}`, width),
    formatProse(problems.join("\n"), width),
    formatProse(`${tallyOf(scan, open, isNew, published)}\n${latencyText(latencyOf(all, now))}`, width),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function openTable(
  open: readonly Told[],
  isNew: (one: Told) => boolean,
  now: Date,
  width: number | undefined,
): string {
  const rows = grouped(open, ({ entry }) => [
    entry.id,
    entry.severity ?? "-",
    entry.fixedByAlpine?.version ?? "none yet",
    `${entry.package} ${entry.installed}`,
    exceptionOf(entry),
  ]);
  if (rows.length === 0) return "";
  const cells = rows.map(({ cells: [id = "", severity = "", fix = "", installed = "", why = ""], those }) => {
    const oldest = Math.min(...those.map(({ entry }) => Date.parse(entry.firstSeen)));
    const age = those.every((one) => isNew(one)) ? "new" : formatWait(now.getTime() - oldest);
    const holders = those.map(({ target }) => target).join(" ");
    return [id, age, severity, fix, installed, why === "" ? holders : `${holders} (${why})`];
  });
  return formatTable([["OPEN", "FOR", "SEVERITY", "FIX", "INSTALLED", "HELD BY"], ...cells], width);
}

function exceptionOf({ exception }: LedgerEntry): string {
  if (!exception) return "";
  const what = exception.kind === "accepted" ? "accepted" : "not affected";
  return `${what} until ${exception.until}: ${exception.reason}`;
}

function closedTable(published: readonly Told[], width: number | undefined): string {
  const rows = grouped(published, ({ entry }) => {
    const took = latencyIn(entry);
    return [
      entry.id,
      took === undefined ? "-" : formatWait(took),
      entry.fixedByAlpine?.version ?? "-",
      `${entry.package} ${entry.installed}`,
    ];
  });
  if (rows.length === 0) return "";
  const cells = rows.map(({ cells: row, those }) => [...row, those.map(({ target }) => target).join(" ")]);
  return formatTable([["FIXED AND PUBLISHED", "TOOK", "FIX", "WAS IN", "OF"], ...cells], width);
}

/** What says the same of several targets, once. */
function grouped(told: readonly Told[], cellsOf: (one: Told) => string[]) {
  const rows = new Map<string, { cells: string[]; those: Told[] }>();
  for (const one of told) {
    const cells = cellsOf(one);
    const key = JSON.stringify(cells);
    const row = rows.get(key) ?? { cells, those: [] };
    rows.set(key, row);
    row.those.push(one);
  }
  return [...rows.values()];
}

function withdrawnText(withdrawn: readonly Told[], width: number | undefined): string {
  if (withdrawn.length === 0) return "";
  const names = withdrawn.map(
    ({ target, entry }) => `${target}: ${oneLine(`${entry.id} in ${entry.package}`)}`,
  );
  return formatProse(`No longer reported for the same build:\n${names.join("\n")}`, width);
}

function vexText(targets: readonly ScannedTarget[], width: number | undefined): string {
  const renewed = targets.filter(({ vex = [] }) => vex.length > 0);
  if (renewed.length === 0) return "";
  const names = renewed.map(({ target, vex = [] }) => `${target} (${vex.join(", ")})`);
  return formatProse(`The catalog's exceptions were attached again as OpenVEX: ${names.join(", ")}`, width);
}

/** As in the sandbox, or where the catalog names neither. */
const NOBODY =
  "and nobody looked: neither a list of Alpine's fixes (sources.security) nor a scanner was there";

function tallyOf(
  { targets, isDry }: Scan,
  open: readonly Told[],
  isNew: (one: Told) => boolean,
  published: readonly Told[],
): string {
  const read = targets.filter(({ digest }) => digest !== undefined).length;
  const fixable = open.filter(({ entry }) => entry.fixedByAlpine).length;
  const excepted = open.filter(({ entry }) => entry.exception).length;
  const sources = new Set(targets.flatMap(({ sources: those = [] }) => those));
  const by = [...sources].map((one) => (one === "secdb" ? "Alpine's list of fixes" : one)).join(" and ");
  const note = isDry ? " Nothing was written down." : "";
  if (by === "") {
    const before = open.length === 0 ? "" : ` At the last look ${open.length} were open.`;
    return `${read} of ${count(targets.length, "target")} published, ${NOBODY}. Nobody can tell what is open now.${before}${note}`;
  }
  return (
    `${read} of ${count(targets.length, "target")} published, looked at by ${by}: ${open.length} open ` +
    `(${open.filter((one) => isNew(one)).length} new, ${fixable} fixed by Alpine, ${excepted} excepted), ` +
    `${published.length} fixed and published.${note}`
  );
}

/** The same for scripts. Times as ISO 8601 has them, or in seconds as their names say; null where something is not known. */
export function scanJson(scan: Scan, now: Date) {
  const { all, isNew, published } = sortedOut(scan);
  const closed = new Set(published.map(({ entry }) => entry));
  return {
    at: now.toISOString(),
    scanner: scan.scanner ?? null,
    dryRun: scan.isDry,
    scan: scan.targets.map(({ target, digest, after, sources = [], vex = [], problems }) => ({
      target,
      digest: digest ?? null,
      sources,
      open: (after?.entries ?? [])
        .filter((entry) => isOpen(entry))
        .map((entry) => ({ ...entryJson(entry, now), new: isNew({ target, entry }) })),
      published: (after?.entries ?? [])
        .filter((entry) => closed.has(entry))
        .map((entry) => entryJson(entry, now)),
      vex,
      problems,
    })),
    latency: latencyJson(latencyOf(all, now)),
    unknown: scan.unknown,
  };
}

function entryJson(entry: LedgerEntry, now: Date) {
  const wait = waitIn(entry, now) ?? latencyIn(entry);
  return {
    id: entry.id,
    package: entry.package,
    installed: entry.installed,
    severity: entry.severity ?? null,
    platforms: entry.platforms,
    sources: entry.sources,
    firstSeen: entry.firstSeen,
    fixedByAlpine: entry.fixedByAlpine ?? null,
    publishedByUs: entry.publishedByUs ?? null,
    exception: entry.exception ?? null,
    /** From Alpine's fix to ours, or until now. */
    latencySeconds: wait === undefined ? null : Math.round(wait / 1000),
  };
}
