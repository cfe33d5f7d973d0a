import { cpus } from "node:os";
import pLimit, { type LimitFunction } from "p-limit";
import { selectTargets } from "../catalog/targets/select.ts";
import type { Scanner } from "../model/gate.ts";
import { emptyLedger, type Ledger, type LedgerSource, type Observation, withLook } from "../model/ledger.ts";
import type { ImageSizes, Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { type FoundLedger, findLedger, putLedger } from "../publish/ledger.ts";
import { readPublished } from "../publish/published.ts";
import type { Scan, ScannedTarget } from "../report/scan.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { once } from "../system/once.ts";
import { mergeFindings, type Scanned } from "../trust/findings.ts";
import { findScanner, scanSbom } from "../trust/scanners.ts";
import type { Signer } from "../trust/sign.ts";
import { sbomsOf } from "./inspect.ts";
import { askForAll, type KnownFixes, lookUp } from "./known-fixes.ts";
import { REQUESTS_AT_ONCE, readContents, tagOf } from "./read-registry.ts";
import { type LookedPlatform, renewVex } from "./scan-vex.ts";
import type { Session } from "./session.ts";
import { signerOf } from "./trust.ts";

/** What is asked beside Alpine's list: a scanner, none, or the one of the catalog's gate. */
export type ScannerChoice = Scanner | "none" | undefined;

/** What a scan needs. */
type ScanSession = Pick<
  Session,
  "catalog" | "profile" | "registry" | "namespace" | "scratch" | "signal" | "listener" | "openUpstream"
>;

/** What all targets of one scan share. */
interface Scanning {
  readonly session: ScanSession;
  readonly alpine: KnownFixes;
  readonly scanner: Scanner | undefined;
  /** Opened where something is to be signed. */
  readonly signer: () => Promise<Signer | undefined>;
  /** How many scanners run at once. */
  readonly limit: LimitFunction;
  readonly isDry: boolean;
  readonly now: Date;
}

/**
 * Looks at what tags point at, by Alpine's list of fixes and by a scanner, and writes each ledger. What fails for one
 * target is told of it, and stops no other.
 * @param now the time that ledgers are to have
 * @throws UserError where the scanner that was asked for is not there; RegistryError where the registry takes us for a
 *   stranger, or is away
 */
export async function scanTargets(
  session: ScanSession,
  patterns: readonly string[],
  { choice, isDry, now }: { choice: ScannerChoice; isDry: boolean; now: Date },
): Promise<Scan> {
  const targets = selectTargets(session.catalog.targets, patterns);
  const scanner = await openScanner(session, choice);
  const alpine = await askForAll(session, targets);
  const signer = once(() => signerOf(session, undefined));
  const scanning: Scanning = { session, alpine, scanner, signer, limit: pLimit(cpus().length), isDry, now };
  const limit = pLimit(REQUESTS_AT_ONCE);
  const unread = new Map<string, string>();
  const { published, refused } = await readContents(session, targets, unread);
  const scanOne = async (target: Target): Promise<ScannedTarget> => {
    const { name } = target;
    const refusal = refused.get(name);
    if (refusal !== undefined) {
      const text = `the registry does not show it (${refusal}), as some do of what is not there yet`;
      return { target: name, problems: [text] };
    }
    const failure = unread.get(name);
    if (failure !== undefined) return { target: name, problems: [`it could not be read: ${failure}`] };
    try {
      return await scanTarget(target, published.get(name), scanning);
    } catch (error) {
      session.signal.throwIfAborted();
      return { target: name, problems: [messageOf(error)] };
    }
  };
  const scanned = await Promise.all(targets.map((target) => limit(scanOne, target)));
  return { scanner, targets: scanned, unknown: alpine.unknown, isDry };
}

async function openScanner(
  { catalog, listener }: ScanSession,
  choice: ScannerChoice,
): Promise<Scanner | undefined> {
  const wanted = choice ?? catalog.gate?.scanner;
  if (wanted === undefined || wanted === "none") return undefined;
  const found = await findScanner(wanted);
  if (found) return found;
  const missing = wanted === "auto" ? "neither trivy nor grype" : `no ${wanted}`;
  if (choice !== undefined) {
    throw new UserError(`there is ${missing} on this machine`, "install it, or scan with --scanner none");
  }
  const text = `there is ${missing} on this machine: only what Alpine has fixed can be told`;
  listener({ type: "note", text });
  return undefined;
}

async function scanTarget(
  target: Target,
  published: Published | undefined,
  scanning: Scanning,
): Promise<ScannedTarget> {
  const { session, isDry } = scanning;
  const { registry, signal, scratch } = session;
  const [repository, tag] = tagOf(session, target);
  if (!published) return { target: target.name, problems: [] };
  const place = { registry, repository, signal };
  const found = await findLedger(place, tag);
  const before = ledgerIn(found, target.name);
  const { look, looked, problems } = await observe(target, published, before, scanning);
  const after = look.sources.length === 0 ? before : withLook(before, look);
  if (!isDry && after !== before) {
    try {
      await putLedger(place, tag, { ledger: after, found, scratch });
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`its ledger was not written: ${messageOf(error)}`);
    }
  }
  const vex = await vexOf(target, published, looked, scanning).catch((error: unknown) => {
    signal.throwIfAborted();
    problems.push(`its VEX was not renewed: ${messageOf(error)}`);
    return [];
  });
  const { sources } = look;
  return { target: target.name, digest: published.digest, before, after, sources, vex, problems };
}

/** Renews the statements of an image, where a scanner looked. @returns the platforms of which something new was said */
async function vexOf(
  target: Target,
  published: Published,
  looked: readonly LookedPlatform[],
  { session, alpine, signer, isDry, now }: Scanning,
): Promise<string[]> {
  const { catalog, registry, scratch, signal } = session;
  if (isDry || !catalog.gate) return [];
  const [repository] = tagOf(session, target);
  const place = { registry, repository, signal, namespace: catalog.registry, scratch, signer };
  return renewVex({ target, published, looked, gate: catalog.gate, alpine, at: now }, place);
}

/** The ledger that was found; an empty one where there is none. */
function ledgerIn(found: FoundLedger, target: string): Ledger {
  return found.kind === "ledger" ? found.ledger : emptyLedger(target);
}

/** Finds out what is in an image that a tag points at. */
async function observe(
  target: Target,
  published: Published,
  before: Ledger,
  scanning: Scanning,
): Promise<{ look: Observation; looked: readonly LookedPlatform[]; problems: string[] }> {
  const { session, alpine, now } = scanning;
  const { registry, signal, catalog } = session;
  const [repository, tag] = tagOf(session, target);
  const problems: string[] = [];
  const listed = lookUp(target, published, alpine);
  if (!listed && catalog.sources.security !== undefined) {
    problems.push(
      published.sizes
        ? "Alpine's list of fixes or of packages could not be read"
        : "it does not say what is installed",
    );
  }
  const found = await runScanner(target, published.digest, scanning, problems);
  const { scanner } = scanning;
  const scanned: Scanned[] =
    scanner && found ? found.map((one) => ({ scanner, platform: one.sbom.platform, found: one.found })) : [];
  const sources: LedgerSource[] = [
    ...(listed ? (["secdb"] as const) : []),
    ...(found && scanner ? [scanner] : []),
  ];
  const about = { gate: catalog.gate, image: target.image, today: now.toISOString().slice(0, 10) };
  const [newest] = historyIn(await findHistory(registry, repository, tag, { signal })).entries;
  const last = before.looked;
  const replaced =
    last && last.digest !== published.digest
      ? await readPublished(registry, repository, last.digest, signal)
      : undefined;
  return {
    problems,
    looked: found ?? [],
    look: {
      at: now,
      digest: published.digest,
      published: newest?.image.digest === published.digest ? newest.created : undefined,
      sources,
      findings: mergeFindings(listed ?? [], scanned, about),
      before: mergeFindings(lookUp(target, replaced, alpine) ?? [], [], about),
      installed: versionsIn(published.sizes),
    },
  };
}

/** Has the scanner look at each platform; undefined where it looked at none. What fails is added to the problems. */
async function runScanner(
  target: Target,
  digest: string,
  { session, scanner, limit }: Scanning,
  problems: string[],
): Promise<LookedPlatform[] | undefined> {
  if (!scanner) return undefined;
  const { scratch, signal } = session;
  try {
    const sboms = await sbomsOf(session, target, digest);
    if (sboms.length === 0) throw new Error("it is not an index of platforms");
    const missing = sboms.filter(({ text }) => text === undefined).map(({ platform }) => platform);
    if (missing.length > 0) throw new Error(`the registry has no SBOM of it for ${missing.join(", ")}`);
    return await Promise.all(
      sboms.map(async (sbom) => ({
        sbom,
        found: await limit(() => scanSbom(scanner, sbom.text ?? "", { scratch, signal })),
      })),
    );
  } catch (error) {
    signal.throwIfAborted();
    problems.push(`${scanner} did not look at it: ${messageOf(error)}`);
    return undefined;
  }
}

function versionsIn(sizes: ImageSizes | undefined): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { packages } of sizes?.values() ?? []) {
    for (const [name, { version }] of packages) {
      found.set(name, [...new Set([...(found.get(name) ?? []), version])]);
    }
  }
  return found;
}
