import { groupBy } from "../../system/group.ts";
import type { SiteTarget } from "./site.ts";
import { dayOf, momentOf, UNKNOWN } from "./words.ts";

/** A vulnerability of an image: who has it, or since when nobody has. */
export interface VulnerabilityRow {
  /** `CVE-2024-9143` */
  readonly name: string;
  /** `openssl 3.3.2-r0`: as installed, each once. */
  readonly installed: readonly string[];
  /** The first build of Alpine's without it; undefined where Alpine has none yet. */
  readonly fixed: string | undefined;
  /** The tags that hold it now. */
  readonly holders: readonly string[];
  /** When a build without it was published; undefined of what is open. */
  readonly closed: Date | undefined;
}

/**
 * The vulnerabilities of some targets by Alpine's list of fixes: those that are open now, and those that builds which
 * the history remembers had, with the day on which they were closed. Pure.
 */
export function vulnerabilityRows(targets: readonly SiteTarget[]): VulnerabilityRow[] {
  const rows = [...openIn(targets), ...targets.flatMap((one) => closedIn(one))];
  return [...groupBy(rows, ({ name, fixed, closed }) => `${name} ${fixed} ${closed?.toISOString() ?? ""}`)]
    .map(([, [first, ...more]]) => ({
      ...first,
      installed: [...new Set([first, ...more].flatMap(({ installed }) => installed))],
      holders: [...new Set([first, ...more].flatMap(({ holders }) => holders))],
    }))
    .sort((a, b) => (b.closed?.getTime() ?? 0) - (a.closed?.getTime() ?? 0) || (a.name < b.name ? -1 : 1));
}

function openIn(targets: readonly SiteTarget[]): VulnerabilityRow[] {
  return targets.flatMap(({ status }) =>
    (status.vulnerabilities ?? []).map(({ name, package: item, installed, fixed }) => ({
      name,
      installed: [`${item} ${installed}`],
      fixed,
      holders: [status.planned.target.name],
      closed: undefined,
    })),
  );
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
        name,
        installed: [`${item} ${installed}`],
        fixed,
        holders: [status.planned.target.name],
        closed: entry.created,
      }));
  });
}

/** What vulnerabilities.hbs shows. */
export function vulnerabilitiesView(targets: readonly SiteTarget[], readAt: Date) {
  const rows = vulnerabilityRows(targets);
  const unread = targets.filter(({ status }) => status.vulnerabilities === undefined);
  const cells = (those: readonly VulnerabilityRow[]) =>
    those.map(({ name, installed, fixed = UNKNOWN, holders, closed }) => ({
      name,
      installed,
      fixed,
      holders,
      closed: closed ? dayOf(closed) : "",
    }));
  return {
    source: `By Alpine's list of fixes against what is installed, ${momentOf(readAt)}.`,
    open: cells(rows.filter(({ closed }) => closed === undefined)),
    closed: cells(rows.filter(({ closed }) => closed !== undefined)),
    isUnread: unread.length > 0 && unread.length === targets.length,
    unread: unread.length === targets.length ? [] : unread.map(({ status }) => status.planned.target.name),
    isRead: unread.length < targets.length,
  };
}
