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

/**
 * The vulnerabilities of some targets: those that are open now, and those that were closed by a build, with the day. By a
 * target's ledger, where it has one; else by Alpine's list of fixes, for the builds that its history remembers. Pure.
 */
export function vulnerabilityRows(targets: readonly SiteTarget[]): VulnerabilityRow[] {
  const rows = targets.flatMap((one) => {
    if (one.ledger?.looked) return ledgerRows(one.status.planned.target.name, one.ledger);
    return [...openIn(one), ...closedIn(one)];
  });
  const groups = groupBy(
    rows,
    ({ name, fixed, closed }) => `${name} ${fixed} ${closed?.toISOString() ?? ""}`,
  );
  return [...groups.values()]
    .map(([first, ...more]) => ({
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

/** What nobody looked for has neither. */
const UNSEEN = { firstSeen: undefined, severity: undefined, exception: undefined };

function openIn({ status }: SiteTarget): VulnerabilityRow[] {
  return (status.vulnerabilities ?? []).map(({ name, package: item, installed, fixed }) => ({
    ...{ name, fixed, closed: undefined, ...UNSEEN },
    installed: [`${item} ${installed}`],
    holders: [status.planned.target.name],
  }));
}

/** Each build against the one before it: what that one had and this one has not was closed when this one came. */
function closedIn({ status, past, vulnerabilities }: SiteTarget): VulnerabilityRow[] {
  return past.images.flatMap(({ entry }, index) => {
    const older = past.images[index + 1];
    const now = vulnerabilities.get(entry.image.digest);
    const before = older && vulnerabilities.get(older.entry.image.digest);
    if (!now || !before) return [];
    const names = new Set(now.map(({ name }) => name));
    return before
      .filter(({ name }) => !names.has(name))
      .map(({ name, package: item, installed, fixed }) => ({
        ...{ name, fixed, closed: entry.created, ...UNSEEN },
        installed: [`${item} ${installed}`],
        holders: [status.planned.target.name],
      }));
  });
}

/** What was none is left out. */
function ledgerRows(target: string, { entries }: SiteLedger): VulnerabilityRow[] {
  return entries
    .filter(({ withdrawn }) => withdrawn === undefined)
    .map((entry) => ({
      name: entry.id,
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
    source: sourceText(looks, readAt),
    hasLooks: looks.length > 0,
    open: cells(rows.filter(({ closed }) => closed === undefined)),
    closed: cells(rows.filter(({ closed }) => closed !== undefined)),
    isUnread: unread.length > 0 && unread.length === targets.length,
    unread: unread.length === targets.length ? [] : unread,
    isRead: unread.length < targets.length,
  };
}

function sourceText(looks: readonly NonNullable<SiteLedger["looked"]>[], readAt: Date): string {
  const oldest = earliestOf(looks.map(({ at }) => new Date(at)));
  if (!oldest) return `By Alpine's list of fixes against what is installed, ${momentOf(readAt)}.`;
  const sources = [...new Set(looks.flatMap((look) => look.sources))].sort();
  return `By the ledger in the registry: ${sources.join(", ")}, since ${momentOf(oldest)}.`;
}
