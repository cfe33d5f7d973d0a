import type { Built, BuiltRelease } from "../build/built.ts";
import type { Secfixes } from "../formats/alpine/secdb.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import {
  type Gate,
  type GateException,
  type LetThrough,
  type Scanner,
  SEVERITIES,
  type Severity,
} from "../model/gate.ts";
import type { Package } from "../model/package.ts";
import type { Platform } from "../model/platform.ts";
import { RejectedError } from "../model/run.ts";
import { eachOf } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { findScanner, type ScanOptions, scan, type Vulnerability } from "./scanners.ts";

/** What a gate needs. */
export interface GateContext extends ScanOptions {
  readonly today: Date;
  /** Alpine's own list of fixes for a branch; empty where it cannot be had. */
  readonly fixes: (branch: string) => Promise<Secfixes>;
  /** Tells of something that does not stop the image. */
  readonly note: (text: string) => void;
}

/**
 * Finds the scanner that a catalog's gate asks for, and tells of exceptions that have ended.
 * @returns looks at both variants of a release, and tells what it lets through by an exception, or throws a RejectedError
 *   that names what may not be published, and why; undefined where there is no scanner and none is required: then nobody looks
 * @throws UserError when one is required
 */
export async function openGate(gate: Gate, context: GateContext) {
  const { note } = context;
  // As ISO 8601 writes it, in UTC: the same day everywhere.
  const today = context.today.toISOString().slice(0, 10);
  const scanner = await findScanner(gate.scanner);
  if (!scanner) {
    const wanted = gate.scanner === "auto" ? "neither trivy nor grype" : `no ${gate.scanner}`;
    const missing = `the catalog's gate scans for vulnerabilities, but there is ${wanted} on this machine`;
    if (gate.required) {
      throw new UserError(missing, "install one, or take required: true out of the catalog's gate");
    }
    note(`${missing}, so images are not scanned`);
    return undefined;
  }
  for (const one of gate.exceptions.filter((exception) => isExpired(exception, today))) {
    const where = [one.image, one.package].filter((part) => part !== undefined).join(", ");
    const name = where === "" ? one.id : `${one.id} (${where})`;
    note(`${name}: its exception ended on ${one.until}: ${one.reason}`);
  }
  return async (release: BuiltRelease): Promise<LetThrough[]> => {
    const through: LetThrough[] = [];
    for (const built of eachOf(release)) through.push(...(await check(built, gate, scanner, today, context)));
    return through;
  };
}

async function check(
  built: Built,
  gate: Gate,
  scanner: Scanner,
  today: string,
  context: GateContext,
): Promise<LetThrough[]> {
  const { target, layout, platforms } = built;
  const fixes = await context.fixes(target.branch);
  const blocking = new Map<string, Blocked>();
  const notes = new Set<string>();
  const through: LetThrough[] = [];
  for (const { platform, manifest, installed } of platforms) {
    const subject = { image: target.image, installed, fixes };
    const findings = await scan(scanner, layout, manifest, context);
    const judged = findings.map((finding) => ({ finding, ...judge(finding, gate, subject, today) }));
    for (const { finding, exception } of judged.filter((one) => one.kind === "blocking")) {
      const key = `${finding.id} ${finding.package}`;
      const { platforms: before = [] } = blocking.get(key) ?? {};
      blocking.set(key, { finding, expired: exception, platforms: [...before, platform] });
    }
    for (const { finding, exception } of judged.filter((one) => one.kind === "excepted")) {
      if (exception) through.push(letThrough(finding, { target: target.name, platform, exception }));
      notes.add(`${nameIn(finding)} is excepted until ${exception?.until}: ${exception?.reason}`);
    }
    for (const { finding } of judged.filter((one) => one.kind === "fixable")) {
      const fixed = finding.fixed === undefined ? "" : ` (${finding.fixed})`;
      notes.add(
        `${nameIn(finding)} is fixed in Alpine${fixed}: the plan rebuilds the image once the mirror has it`,
      );
    }
  }
  for (const text of notes) context.note(`${target.name}: ${text}`);
  if (blocking.size === 0) return through;
  throw new RejectedError(target.name, refusal(built, gate, scanner, [...blocking.values()]));
}

function nameIn({ id, package: name, version }: Vulnerability): string {
  return `${id} in ${name} ${version}`;
}

/** What stops an image. */
interface Blocked {
  readonly finding: Vulnerability;
  /** It was excepted, until this ended. */
  readonly expired: GateException | undefined;
  readonly platforms: readonly Platform[];
}

function refusal({ target }: Built, gate: Gate, scanner: Scanner, blocked: readonly Blocked[]): string {
  const count = blocked.length === 1 ? "a vulnerability" : `${blocked.length} vulnerabilities`;
  return [
    `${scanner} finds ${count} in ${target.name} that Alpine has no fix for, of severity ${gate.severity} or worse:`,
    ...blocked.map(({ finding, platforms, expired }) => {
      const { id, package: name, version, severity } = finding;
      const ended = expired ? `; its exception ended on ${expired.until}: ${expired.reason}` : "";
      return `  ${id} (${severity}) in ${name} ${version}, ${platforms.join(", ")}${ended}`;
    }),
    "→ to accept one, add it to the catalog's gate.exceptions with a reason and a last day:",
    `  - { id: ${blocked[0]?.finding.id}, image: ${target.image}, reason: "…", until: …-…-… }`,
  ].join("\n");
}

/** What a gate makes of a finding. */
interface Judgement {
  /**
   * Whether it stops the image from being published, or would without an exception; whether Alpine has the fix: the next
   * plan rebuilds the image as soon as the mirror carries it; whether it is below the gate's severity, or of one that
   * the scanner does not know.
   */
  readonly kind: "blocking" | "excepted" | "fixable" | "mild";
  /** The one that it is excepted by, or that has ended. */
  readonly exception?: GateException | undefined;
}

/** What is known of an image beside the findings in it. */
interface GateSubject {
  readonly image: string;
  readonly installed: readonly Pick<Package, "name" | "origin">[];
  /** Alpine's own list of fixes, as far as it is known. */
  readonly fixes: Secfixes;
}

/** Judges a finding in an image. Pure. @param today as `2027-05-01` */
export function judge(
  finding: Vulnerability,
  gate: Pick<Gate, "severity" | "exceptions">,
  subject: GateSubject,
  today: string,
): Judgement {
  if (!isAsBadAs(finding.severity, gate.severity)) return { kind: "mild" };
  if (isFixedByAlpine(finding, subject)) return { kind: "fixable" };
  const matching = gate.exceptions.filter((one) => isAbout(one, finding, subject.image));
  const exception = matching.find((one) => !isExpired(one, today));
  return exception ? { kind: "excepted", exception } : { kind: "blocking", exception: matching[0] };
}

/** The exception that lets a vulnerability through; undefined where there is none, or it has ended. Pure. @param today as `2027-05-01` */
export function exceptionFor(
  { exceptions }: Pick<Gate, "exceptions">,
  finding: FindingNames,
  image: string,
  today: string,
): GateException | undefined {
  return exceptions.find((one) => isAbout(one, finding, image) && !isExpired(one, today));
}

/** What VEX tells of a finding. */
export function letThrough(
  { id, aliases, package: name, version, isAlpine, purl }: Vulnerability,
  where: Pick<LetThrough, "target" | "platform" | "exception">,
): LetThrough {
  return { ...where, id, aliases, package: name, version, isAlpine, purl };
}

/** What an exception is chosen by. */
type FindingNames = Pick<Vulnerability, "id" | "aliases" | "package">;

/** Whether an exception has ended. @param today as `2027-05-01` */
function isExpired({ until }: GateException, today: string): boolean {
  return until < today;
}

function isAbout(exception: GateException, finding: FindingNames, image: string): boolean {
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
