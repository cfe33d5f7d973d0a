import { groupBy } from "../../system/group.ts";
import type { SiteLedger, SiteTarget } from "./site.ts";
import { dayOf, momentOf, UNKNOWN } from "./words.ts";

/** A vulnerability of an image: who has it, or since when nobody has. */
export interface VulnerabilityRow {
  /** `CVE-2024-9143` */
  readonly name: string;
  /** `openssl 3.3.2-r0`: as installed, each once. */
  readonly installed: readonly string[];
  /** The first build of Alpine's without it; undefined where Alpine has none yet. */
  readonly fixed: string | undefined;
  /** The tags that hold it now, or held it. */
  readonly holders: readonly string[];
  /** When a build without it was published; undefined of what is open. */
  readonly closed: Date | undefined;
  /** When a look first found it; undefined where nobody looks. */
  readonly firstSeen: Date | undefined;
  /** `high`, as a scanner says. */
  readonly severity: string | undefined;
  /** Why the catalog lets it through, in a sentence. */
  readonly exception: string | undefined;
}

/** One of one target, and of one package. */
interface Told extends VulnerabilityRow {
  readonly package: string;
}

/**
 * The vulnerabilities of some targets: those that are open now, and those that were closed by a build, with the day. By a
 * target's ledger, where it has one, and by Alpine's list of fixes, which is read now and for the builds that its history
 * remembers: a fix or a build that came after the last look is told of, too. Pure.
 */
export function vulnerabilityRows(targets: readonly SiteTarget[]): VulnerabilityRow[] {
  const groups = groupBy(
    targets.flatMap((one) => toldOf(one)),
    ({ name, fixed, closed }) => `${name} ${fixed} ${closed?.toISOString() ?? ""}`,
  );
  return [...groups.values()]
    .map(([{ package: _, ...first }, ...more]) => ({
      ...first,
      installed: [...new Set([first, ...more].flatMap(({ installed }) => installed))],
      holders: [...new Set([first, ...more].flatMap(({ holders }) => holders))],
      firstSeen: earliestOf([first, ...more].map(({ firstSeen }) => firstSeen)),
    }))
    .sort((a, b) => (b.closed?.getTime() ?? 0) - (a.closed?.getTime() ?? 0) || (a.name < b.name ? -1 : 1));
}

function earliestOf(times: readonly (Date | undefined)[]): Date | undefined {
  return times.filter((time) => time !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
}

/** What the ledger tells, brought up to what Alpine's list says now; and what only that says. */
function toldOf(one: SiteTarget): Told[] {
  const [open, closed] = [new Map(byKey(openIn(one))), new Map(byKey(closedIn(one)))];
  const told = one.ledger?.looked ? ledgerRows(one.status.planned.target.name, one.ledger) : [];
  const isOfBefore = one.ledger?.looked?.digest !== one.status.planned.published?.digest;
  const known = told.map((row) => {
    if (row.closed !== undefined) return row;
    const now = open.get(keyOf(row));
    const gone = isOfBefore && !now ? closed.get(keyOf(row)) : undefined;
    const fixed = row.fixed ?? now?.fixed ?? gone?.fixed;
    return gone ? { ...row, fixed, closed: gone.closed } : { ...row, fixed };
  });
  const isOpen = new Set(known.filter((row) => row.closed === undefined).map((row) => keyOf(row)));
  // Also those that a look took back: an entry of the ledger knows better than a list.
  const isKnown = new Set((one.ledger?.entries ?? []).map(({ id, package: of }) => `${of} ${id}`));
  return [
    ...known,
    ...[...open].filter(([key]) => !isOpen.has(key)).map(([, row]) => row),
    ...[...closed].filter(([key]) => !isKnown.has(key)).map(([, row]) => row),
  ];
}

/** Where there are several of one, the newest build's is the last. */
function byKey(rows: readonly Told[]): (readonly [string, Told])[] {
  return rows.toReversed().map((row) => [keyOf(row), row] as const);
}

function keyOf({ package: of, name }: Pick<Told, "package" | "name">): string {
  return `${of} ${name}`;
}

/** What nobody looked for has neither. */
const UNSEEN = { firstSeen: undefined, severity: undefined, exception: undefined };

function openIn({ status }: SiteTarget): Told[] {
  return (status.vulnerabilities ?? []).map(({ name, package: item, installed, fixed }) => ({
    ...{ name, package: item, fixed, closed: undefined, ...UNSEEN },
    installed: [`${item} ${installed}`],
    holders: [status.planned.target.name],
  }));
}

/** Each build against the one before it: what that one had and this one has not was closed when this one came. */
function closedIn({ status, past, vulnerabilities }: SiteTarget): Told[] {
  return past.images.flatMap(({ entry }, index) => {
    const older = past.images[index + 1];
    const now = vulnerabilities.get(entry.image.digest);
    const before = older && vulnerabilities.get(older.entry.image.digest);
    if (!now || !before) return [];
    const names = new Set(now.map(({ name }) => name));
    return before
      .filter(({ name }) => !names.has(name))
      .map(({ name, package: item, installed, fixed }) => ({
        ...{ name, package: item, fixed, closed: entry.created, ...UNSEEN },
        installed: [`${item} ${installed}`],
        holders: [status.planned.target.name],
      }));
  });
}

/** What was none is left out. */
function ledgerRows(target: string, { entries }: SiteLedger): Told[] {
  return entries
    .filter(({ withdrawn }) => withdrawn === undefined)
    .map((entry) => ({
      name: entry.id,
      package: entry.package,
      installed: [`${entry.package} ${entry.installed}`],
      fixed: entry.fixedByAlpine?.version,
      holders: [target],
      closed: entry.publishedByUs && new Date(entry.publishedByUs.time),
      firstSeen: new Date(entry.firstSeen),
      severity: entry.severity,
      exception: entry.exception && `let through until ${entry.exception.until}: ${entry.exception.reason}`,
    }));
}

/** Whether anybody can tell of a target. */
function isRead({ status, ledger }: SiteTarget): boolean {
  return status.vulnerabilities !== undefined || ledger?.looked !== undefined;
}

/** The targets of which nobody can tell. */
export function unreadOf(targets: readonly SiteTarget[]): string[] {
  return targets.filter((one) => !isRead(one)).map(({ status }) => status.planned.target.name);
}

/** What vulnerabilities.hbs shows. */
export function vulnerabilitiesView(targets: readonly SiteTarget[], readAt: Date) {
  const rows = vulnerabilityRows(targets);
  const unread = unreadOf(targets);
  const looks = targets.flatMap(({ ledger }) => ledger?.looked ?? []);
  const cells = (those: readonly VulnerabilityRow[]) =>
    those.map(({ name, installed, fixed, holders, closed, firstSeen, severity, exception }) => ({
      ...{ name, installed, holders, severity: severity ?? "", exception: exception ?? "" },
      fixed: fixed ?? "not yet",
      closed: closed ? dayOf(closed) : "",
      firstSeen: firstSeen ? dayOf(firstSeen) : UNKNOWN,
    }));
  return {
    source: sourceText(looks, targets, readAt),
    hasLooks: looks.length > 0,
    open: cells(rows.filter(({ closed }) => closed === undefined)),
    closed: cells(rows.filter(({ closed }) => closed !== undefined)),
    isUnread: unread.length > 0 && unread.length === targets.length,
    unread: unread.length === targets.length ? [] : unread,
    isRead: unread.length < targets.length,
  };
}

function sourceText(
  looks: readonly NonNullable<SiteLedger["looked"]>[],
  targets: readonly SiteTarget[],
  readAt: Date,
): string {
  const oldest = earliestOf(looks.map(({ at }) => new Date(at)));
  const listed = `y Alpine's list of fixes against what is installed, ${momentOf(readAt)}.`;
  if (!oldest) return `B${listed}`;
  const sources = [...new Set(looks.flatMap((look) => look.sources))].sort();
  const names = sources.map((source) => (source === "secdb" ? "Alpine's list of fixes" : source));
  const scanned = `By the last scan of ${momentOf(oldest)} (${names.join(", ")})`;
  const isListed = targets.some(({ status }) => status.vulnerabilities !== undefined);
  return isListed ? `${scanned}, and b${listed}` : `${scanned}.`;
}
