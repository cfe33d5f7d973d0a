import type { Gate, Scanner } from "../model/gate.ts";
import type { Finding, LedgerException, LedgerSource } from "../model/ledger.ts";
import { exceptionFor } from "./gate.ts";
import type { Vulnerability } from "./scanners.ts";

/** What a scanner found in one platform of an image. */
export interface Scanned {
  readonly scanner: Scanner;
  readonly platform: string;
  readonly found: readonly Vulnerability[];
}

/** What Alpine's own list says of an image: see plan/vulnerable.ts. */
interface Listed {
  readonly name: string;
  readonly package: string;
  readonly installed: string;
  readonly fixed: string;
  readonly platforms: readonly string[];
}

/**
 * What several tell of one image, as one list: each vulnerability once for a package. Pure. A fix counts only where it is
 * Alpine's: that of a library inside a package is of no use until Alpine ships it.
 * @param today as `2027-05-01`
 */
export function mergeFindings(
  listed: readonly Listed[],
  scanned: readonly Scanned[],
  { gate, image, today }: { gate: Pick<Gate, "exceptions"> | undefined; image: string; today: string },
): Finding[] {
  const merged = new Map<string, Finding>();
  const add = (finding: Finding, aliases: readonly string[]) => {
    const key = `${finding.package} ${finding.id}`;
    const known = merged.get(key);
    const names = { id: finding.id, aliases, package: finding.package };
    const exception = gate && exceptionFor(gate, names, image, today);
    merged.set(key, {
      ...finding,
      ...(known && {
        installed: known.installed,
        severity: known.severity ?? finding.severity,
        platforms: union(known.platforms, finding.platforms),
        sources: union(known.sources, finding.sources),
        fixed: known.fixed ?? finding.fixed,
      }),
      exception: known?.exception ?? (exception && ledgerException(exception)),
    });
  };
  for (const { name, package: of, installed, fixed, platforms } of listed) {
    add({ id: name, package: of, installed, fixed, platforms, sources: ["secdb"] }, []);
  }
  for (const { scanner, platform, found } of scanned) {
    for (const { id, aliases, package: of, version, severity, isAlpine, fixed } of found) {
      // A scanner may know by a name of its own what Alpine's list has as a CVE.
      const names = [id, ...aliases];
      const sources: LedgerSource[] = [scanner];
      add(
        {
          id: names.find((name) => name.startsWith("CVE-")) ?? id,
          ...{ package: of, installed: version, severity, platforms: [platform], sources },
          fixed: isAlpine ? fixed : undefined,
        },
        names,
      );
    }
  }
  return [...merged.values()];
}

function ledgerException({
  reason,
  until,
  status = "accepted",
}: Gate["exceptions"][number]): LedgerException {
  return { kind: status, reason, until };
}

function union<T>(some: readonly T[], others: readonly T[]): T[] {
  return [...new Set([...some, ...others])].sort();
}
