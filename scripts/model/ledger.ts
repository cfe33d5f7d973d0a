import type { Severity, Standing } from "./gate.ts";

/**
 * What became of each vulnerability of one target's image, and when: `scan` writes it, `status`, the metrics and the
 * site read it. All times are ISO 8601 in UTC, as `2026-11-29T02:11:00.000Z`.
 */
export interface Ledger {
  /** `node:22-dev` */
  readonly target: string;
  /** The last look; undefined where nobody looked yet. */
  readonly looked?: Look | undefined;
  /** The open ones first, then the newest; a name may come again after it was closed, as by a rollback. */
  readonly entries: readonly LedgerEntry[];
  /** How many closed entries were left out, as a ledger has its bounds. */
  readonly dropped: number;
}

/** Who tells of vulnerabilities: Alpine's own list of what it has fixed, or a scanner. */
export const LEDGER_SOURCES = ["secdb", "trivy", "grype"] as const;
export type LedgerSource = (typeof LEDGER_SOURCES)[number];

/** A look at what a tag points at. */
export interface Look {
  readonly at: string;
  /** Of the image index. */
  readonly digest: string;
  /** Those that answered. */
  readonly sources: readonly LedgerSource[];
}

/** One vulnerability of one package. */
export interface LedgerEntry {
  /** `CVE-2024-9143`, or a scanner's own name where it has no such. */
  readonly id: string;
  readonly package: string;
  /** The version that is or was in the image. */
  readonly installed: string;
  /** As a scanner says; Alpine's list has none. */
  readonly severity?: Severity | undefined;
  /** Such as `linux/amd64`. */
  readonly platforms: readonly string[];
  /** Those that told of it. */
  readonly sources: readonly LedgerSource[];
  /** When a look first found it in what the tag points at. */
  readonly firstSeen: string;
  /** The first build of Alpine's without it, and when a look first found that. */
  readonly fixedByAlpine?: { readonly version: string; readonly since: string } | undefined;
  /** The image without it, and when the tag was moved to that. */
  readonly publishedByUs?: { readonly digest: string; readonly time: string } | undefined;
  /** When a look found that whoever told of it in this very build no longer does: it was none. */
  readonly withdrawn?: string | undefined;
  /** Why the catalog lets it through, as of the last look. */
  readonly exception?: LedgerException | undefined;
}

/** What a catalog says of a vulnerability that it lets through. */
export interface LedgerException {
  readonly kind: Standing;
  readonly reason: string;
  /** The last day on which it counts, as `2027-05-01`. */
  readonly until: string;
}

/** What is in the image of one target, as a look found it. */
export interface Observation {
  readonly at: Date;
  /** Of the image index. */
  readonly digest: string;
  /** When the tag was moved to it; undefined where nobody recorded it. */
  readonly published: Date | undefined;
  /** Those that answered: what another told of before stays as it is. */
  readonly sources: readonly LedgerSource[];
  /** Each name once for each package. */
  readonly findings: readonly Finding[];
  /**
   * What the image that the last look saw has by what is known today, where it was replaced since: what appeared and was
   * fixed between two looks is here only.
   */
  readonly before: readonly Finding[];
  /** Package → its versions in the image. */
  readonly installed: ReadonlyMap<string, readonly string[]>;
}

/** A vulnerability that a look found. */
export interface Finding
  extends Pick<LedgerEntry, "id" | "package" | "installed" | "severity" | "platforms" | "sources"> {
  /** The first build of Alpine's without it. */
  readonly fixed?: string | undefined;
  readonly exception?: LedgerException | undefined;
}

/** How many entries a ledger has at most; of those that are closed the oldest go first. */
const MOST_ENTRIES = 1_000;

/** The ledger of a target that nobody looked at yet. */
export function emptyLedger(target: string): Ledger {
  return { target, entries: [], dropped: 0 };
}

/** Whether the image that the tag points at has it, as far as the last look tells. */
export function isOpen({ publishedByUs, withdrawn }: LedgerEntry): boolean {
  return publishedByUs === undefined && withdrawn === undefined;
}

/**
 * A ledger after one more look. Pure. What is open is closed by an image without it; what the same build of a package no
 * longer is said to have is withdrawn. The same look twice changes nothing but its time.
 */
export function withLook(ledger: Ledger, look: Observation): Ledger {
  const at = look.at.toISOString();
  const found = new Map(look.findings.map((one) => [keyOf(one), one]));
  const known = new Set<string>();
  const kept = ledger.entries.map((entry) => {
    if (!isOpen(entry)) return entry;
    known.add(keyOf(entry));
    const finding = found.get(keyOf(entry));
    return finding ? seenAgain(entry, finding, at) : notSeen(entry, look, ledger.looked);
  });
  const fresh = look.findings.filter((one) => !known.has(keyOf(one))).map((one) => entryOf(one, at));
  const between = closedBetween(ledger, look, new Set([...known, ...found.keys()]));
  const all = [...fresh, ...between, ...kept].sort(byStanding);
  return {
    ...ledger,
    looked: { at, digest: look.digest, sources: [...look.sources] },
    entries: all.slice(0, MOST_ENTRIES),
    dropped: ledger.dropped + Math.max(0, all.length - MOST_ENTRIES),
  };
}

function keyOf(one: Pick<LedgerEntry, "id" | "package">): string {
  return `${one.package} ${one.id}`;
}

function entryOf({ fixed, ...finding }: Finding, at: string): LedgerEntry {
  return {
    ...finding,
    firstSeen: at,
    ...(fixed !== undefined && { fixedByAlpine: { version: fixed, since: at } }),
  };
}

function seenAgain(entry: LedgerEntry, { fixed, ...finding }: Finding, at: string): LedgerEntry {
  const since = entry.fixedByAlpine?.since ?? at;
  return {
    ...entry,
    ...finding,
    severity: finding.severity ?? entry.severity,
    sources: [...new Set([...entry.sources, ...finding.sources])].sort(),
    exception: finding.exception,
    // A list that cannot be read today has not taken back what it said.
    fixedByAlpine: fixed === undefined ? entry.fixedByAlpine : { version: fixed, since },
  };
}

function notSeen(entry: LedgerEntry, look: Observation, before: Look | undefined): LedgerEntry {
  // Where one who told of it was not asked, nobody knows.
  if (!entry.sources.every((source) => look.sources.includes(source))) return entry;
  const isSameBuild = look.installed.get(entry.package)?.includes(entry.installed) ?? false;
  if (before?.digest === look.digest || isSameBuild) return { ...entry, withdrawn: look.at.toISOString() };
  return { ...entry, publishedByUs: { digest: look.digest, time: timeOf(look) } };
}

function timeOf({ published, at }: Observation): string {
  return (published ?? at).toISOString();
}

/**
 * What appeared, was fixed and was published between two looks. It stood in the image that the last look saw, and counts
 * from then: no earlier time is known, and a later one would flatter us.
 */
function closedBetween(ledger: Ledger, look: Observation, known: ReadonlySet<string>): LedgerEntry[] {
  const { looked } = ledger;
  if (!looked || looked.digest === look.digest) return [];
  return look.before
    .filter((one) => one.fixed !== undefined && !known.has(keyOf(one)))
    .filter((one) => !(look.installed.get(one.package)?.includes(one.installed) ?? false))
    .map((one) => ({
      ...entryOf(one, looked.at),
      publishedByUs: { digest: look.digest, time: timeOf(look) },
    }));
}

/** The open first; of the open the oldest first, of the others the newest. */
function byStanding(a: LedgerEntry, b: LedgerEntry): number {
  if (isOpen(a) !== isOpen(b)) return isOpen(a) ? -1 : 1;
  const order = isOpen(a) ? compare(a.firstSeen, b.firstSeen) : compare(endOf(b), endOf(a));
  return order || compare(keyOf(a), keyOf(b));
}

function endOf({ publishedByUs, withdrawn }: LedgerEntry): string {
  return publishedByUs?.time ?? withdrawn ?? "";
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
