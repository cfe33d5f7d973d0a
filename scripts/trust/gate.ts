import { type Built, type BuiltRelease, imagesOf } from "../build/built.ts";
import type { Secfixes } from "../formats/alpine/secdb.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { type Gate, type GateException, type Scanner, SEVERITIES, type Severity } from "../model/gate.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import { RejectedError } from "../model/run.ts";
import { UserError } from "../system/errors.ts";
import type { Vulnerability } from "./scanners.ts";
import { findScanner, type ScanOptions, scan } from "./scanners.ts";

/** What a gate needs. */
export interface GateContext extends ScanOptions {
  readonly today: Date;
  /** Alpine's own list of fixes for a branch; empty where it cannot be had. */
  readonly fixes: (branch: string) => Promise<Secfixes>;
  /** Tells of something that does not stop the image. */
  readonly note: (text: string) => void;
  readonly findScanner?: typeof findScanner;
}

/** Looks at both variants of a release. @throws RejectedError naming what may not be published, and why */
export type GateCheck = (release: BuiltRelease) => Promise<void>;

/**
 * Finds the scanner that a catalog's gate asks for, and tells of exceptions that have ended.
 * @returns undefined where there is no scanner and none is required: then nobody looks
 * @throws UserError when one is required
 */
export async function openGate(gate: Gate, context: GateContext): Promise<GateCheck | undefined> {
  const { note } = context;
  const today = dayOf(context.today);
  const scanner = await (context.findScanner ?? findScanner)(gate.scanner);
  if (!scanner) {
    const wanted = gate.scanner === "auto" ? "neither trivy nor grype" : `no ${gate.scanner}`;
    const missing = `the catalog's gate scans for vulnerabilities, but there is ${wanted} on this machine`;
    if (gate.required) {
      throw new UserError(missing, "install one, or take required: true out of the catalog's gate");
    }
    note(`${missing}, so images are not scanned`);
    return undefined;
  }
  for (const exception of gate.exceptions.filter((one) => isExpired(one, today))) {
    note(`${nameOf(exception)}: its exception ended on ${exception.until}: ${exception.reason}`);
  }
  return async (release) => {
    for (const built of imagesOf(release)) await check(built, gate, scanner, today, context);
  };
}

async function check(
  built: Built,
  gate: Gate,
  scanner: Scanner,
  today: string,
  context: GateContext,
): Promise<void> {
  const { target, layout, platforms } = built;
  const fixes = await context.fixes(target.branch);
  const blocking = new Map<string, Blocked>();
  const notes = new Set<string>();
  for (const { platform, manifest, installed } of platforms) {
    const findings = await scan(scanner, layout, manifest, context);
    const verdict = decide(findings, gate, { image: target.image, installed, fixes }, today);
    for (const one of verdict.blocking) {
      const key = `${one.finding.id} ${one.finding.package}`;
      blocking.set(key, { ...one, platforms: [...(blocking.get(key)?.platforms ?? []), platform] });
    }
    for (const text of notesOf(verdict)) notes.add(text);
  }
  for (const text of notes) context.note(`${target.name}: ${text}`);
  if (blocking.size > 0)
    throw new RejectedError(target.name, refusal(built, gate, scanner, [...blocking.values()]));
}

interface Blocked extends Blocking {
  readonly platforms: readonly Platform[];
}

/** What a maintainer should know though it does not stop the image. */
function notesOf({ excepted, fixable }: GateVerdict): string[] {
  return [
    ...excepted.map(
      ({ finding, exception }) =>
        `${finding.id} in ${finding.package} ${finding.version} is excepted until ${exception.until}: ${exception.reason}`,
    ),
    ...fixable.map(
      ({ id, package: name, version, fixed }) =>
        `${id} in ${name} ${version} is fixed in Alpine${fixed === undefined ? "" : ` (${fixed})`}: the plan rebuilds the image once the mirror has it`,
    ),
  ];
}

function refusal({ target }: Built, gate: Gate, scanner: Scanner, blocked: readonly Blocked[]): string {
  const count = blocked.length === 1 ? "a vulnerability" : `${blocked.length} vulnerabilities`;
  return [
    `${scanner} finds ${count} in ${target.name} that Alpine has no fix for, of severity ${gate.severity} or worse:`,
    ...blocked.map((one) => lineOf(one)),
    "→ to accept one, add it to the catalog's gate.exceptions with a reason and a last day:",
    `  - { id: ${blocked[0]?.finding.id}, image: ${target.image}, reason: "…", until: …-…-… }`,
  ].join("\n");
}

function lineOf({ finding, platforms, expired }: Blocked): string {
  const { id, package: name, version, severity } = finding;
  const ended = expired ? `; its exception ended on ${expired.until}: ${expired.reason}` : "";
  return `  ${id} (${severity}) in ${name} ${version}, ${platforms.join(", ")}${ended}`;
}

function nameOf({ id, image, package: packageName }: GateException): string {
  const where = [image, packageName].filter((part) => part !== undefined).join(", ");
  return where === "" ? id : `${id} (${where})`;
}

/** As ISO 8601 writes it, in UTC: the same day everywhere. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** What a gate makes of the findings in one image, each in one list. */
export interface GateVerdict {
  /** These stop the image from being published. */
  readonly blocking: readonly Blocking[];
  /** These would, without an exception. */
  readonly excepted: readonly Excepted[];
  /** Alpine has the fix: the next plan rebuilds the image as soon as the mirror carries it. */
  readonly fixable: readonly Vulnerability[];
  /** Below the gate's severity, or of a severity that the scanner does not know. */
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

/** Whether an exception has ended. @param today as `2027-05-01` */
function isExpired({ until }: GateException, today: string): boolean {
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
 * too, or by secdb as we know it, which may be newer. A library inside a package, such as one of
 * npm's own, is not Alpine's: a fix by its makers is of no use until Alpine ships it.
 */
function isFixedByAlpine(finding: Vulnerability, { installed, fixes }: GateSubject): boolean {
  if (!finding.isAlpine) return false;
  if (finding.fixed !== undefined) return true;
  const origin = installed.find(({ name }) => name === finding.package)?.origin ?? finding.package;
  return (fixes.get(origin) ?? []).some(
    ([version, names]) =>
      compareVersions(version, finding.version) > 0 &&
      [finding.id, ...finding.aliases].some((id) => names.includes(id)),
  );
}
