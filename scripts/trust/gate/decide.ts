import type { Secfixes } from "../../formats/alpine/secdb.ts";
import { compareVersions } from "../../formats/alpine/version.ts";
import { type Gate, type GateException, SEVERITIES, type Severity } from "../../model/gate.ts";
import type { Package } from "../../model/package.ts";
import type { Vulnerability } from "./finding.ts";

/** What a gate makes of the findings in one image, each in one list. */
export interface GateVerdict {
  /** These keep the image from being published. */
  readonly blocking: readonly Blocking[];
  /** These would, but for an exception. */
  readonly excepted: readonly Excepted[];
  /** Alpine has the fix: the next plan rebuilds the image as soon as the mirror carries it. */
  readonly fixable: readonly Vulnerability[];
  /** Too mild to stop anything, or of a severity that the scanner does not know. */
  readonly mild: readonly Vulnerability[];
}

export interface Excepted {
  readonly finding: Vulnerability;
  readonly exception: GateException;
}

export interface Blocking {
  readonly finding: Vulnerability;
  /** It was excepted, until this ended. */
  readonly expired?: GateException;
}

/** What is known of an image beside the findings in it. */
export interface GateSubject {
  readonly image: string;
  readonly installed: readonly Package[];
  /** Alpine's own list of fixes, as far as it is known. */
  readonly fixes: Secfixes;
}

/** Judges the findings in an image. Pure. @param today as `2027-05-01` */
export function decide(
  findings: readonly Vulnerability[],
  gate: Pick<Gate, "severity" | "exceptions">,
  subject: GateSubject,
  today: string,
): GateVerdict {
  const blocking: Blocking[] = [];
  const excepted: Excepted[] = [];
  const fixable: Vulnerability[] = [];
  const mild: Vulnerability[] = [];
  for (const finding of findings) {
    const matching = gate.exceptions.filter((one) => isAbout(one, finding, subject.image));
    const exception = matching.find((one) => !isExpired(one, today));
    const expired = matching.find((one) => isExpired(one, today));
    if (!isAsBadAs(finding.severity, gate.severity)) mild.push(finding);
    else if (isFixedByAlpine(finding, subject)) fixable.push(finding);
    else if (exception) excepted.push({ finding, exception });
    else blocking.push({ finding, ...(expired && { expired }) });
  }
  return { blocking, excepted, fixable, mild };
}

/** Whether an exception's last day is over. @param today as `2027-05-01` */
export function isExpired({ until }: GateException, today: string): boolean {
  return until < today;
}

function isAbout(exception: GateException, finding: Vulnerability, image: string): boolean {
  const names = [finding.id, ...finding.aliases];
  return (
    names.includes(exception.id) &&
    (exception.image === undefined || exception.image === image) &&
    (exception.package === undefined || exception.package === finding.package)
  );
}

function isAsBadAs(severity: Severity | undefined, limit: Severity): boolean {
  return severity !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit);
}

/**
 * Whether Alpine has a fix that the image lacks: by the scanner, whose source for Alpine's packages is secdb
 * too, or by secdb as we know it, which may be newer. A library that lies inside of a package, such as one of
 * npm's own, is not Alpine's: a fix by its makers is of no use until Alpine ships it.
 */
function isFixedByAlpine(finding: Vulnerability, { installed, fixes }: GateSubject): boolean {
  if (!finding.isAlpine) return false;
  if (finding.fixed !== undefined) return true;
  const origin = installed.find(({ name }) => name === finding.package)?.origin ?? finding.package;
  return [...(fixes.get(origin) ?? [])].some(
    ([version, names]) =>
      compareVersions(version, finding.version) > 0 &&
      [finding.id, ...finding.aliases].some((id) => names.includes(id)),
  );
}
