import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { z } from "zod";
import { runnableState } from "../engine/runnable.ts";
import { supportOf } from "../model/end-of-life.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import { releaseOf, type Target } from "../model/target.ts";
import { isUncompared, type PlannedTarget } from "../plan/plan.ts";
import { wantedPlatforms } from "../plan/platforms.ts";
import { BUILD } from "../system/environment.ts";
import { hashOf, keep, recall } from "../system/memory.ts";
import { once } from "../system/once.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { memoryOf, templateFolders } from "./paths.ts";
import { dependsOnAge, REQUESTS_AT_ONCE, type RegistryPlace, tagOf } from "./read-registry.ts";
import type { Session } from "./session.ts";

/**
 * What earlier plans found with nothing to do: by the target's name, the digest that its tag pointed at, and all the
 * rest that was compared, as one fingerprint. Where both are as they were, so is the finding.
 */
const idleSchema = z.map(z.string(), z.object({ digest: z.string(), fingerprint: z.string() }));
export type IdleTargets = z.infer<typeof idleSchema>;

/** Of what is kept; each entry has a fingerprint of its own beside. */
const IDLE_KEY = hashOf(["idle targets", "2"]);

/**
 * What each target is compared with, by its name; without those of which not all is known. Verified is what Alpine
 * offers if an earlier run did that. Where not, this run's plan will have done so by its end.
 */
export type ComparedFingerprints = ReadonlyMap<string, { fingerprint: string; isVerified: boolean }>;

/** What the memory needs of a command. */
export type IdleContext = RegistryPlace &
  Pick<Session, "identity" | "catalog" | "options" | "today" | "chosenPlatforms">;

/**
 * Asks the registry whether the tags are unchanged, and the mirror whether its indexes are: as many requests as reading
 * them, but with less to read.
 * @returns what earlier plans found with nothing to do, as far as it still holds, and what keeps what this plan finds of
 * the others; undefined where nothing can be remembered
 */
export async function openIdleMemory(
  context: IdleContext,
  targets: readonly Target[],
  upstream: Pick<Upstream, "base" | "edition">,
) {
  const { identity, options } = context;
  if (identity === undefined) return undefined;
  const file = memoryOf(options.catalog, options.state, "idle");
  const [recalled, fingerprints] = await Promise.all([
    recall(file, IDLE_KEY),
    fingerprintsOf(hashOf([identity, await runnableState()]), targets, upstream, context),
  ]);
  const known: IdleTargets = idleSchema.safeParse(recalled).data ?? new Map();
  const digestOf = ({ name }: Target) => known.get(name)?.digest ?? "";
  const limit = pLimit(REQUESTS_AT_ONCE);
  // What the registry refuses is read anew: that reports it.
  const asked = { signal: context.signal, refusedIsAbsent: true };
  const isThere = (target: Target) =>
    context.registry.pointsAt(...tagOf(context, target), digestOf(target), asked);
  const maybe = maybeIdle(targets, known, fingerprints);
  const areThere = await Promise.all(maybe.map((target) => limit(isThere, target)));
  // Of some releases one tag may have been moved.
  const idle = wholeReleases(
    maybe.filter((_, index) => areThere[index]),
    targets,
  );
  return {
    idle: idle.map((target) => ({ target, digest: digestOf(target) })),
    async keep(compared: readonly PlannedTarget[]): Promise<void> {
      if (compared.length === 0) return;
      const names = new Set(context.catalog.targets.map(({ name }) => name));
      const kept = [...rememberIdle(known, compared, fingerprints)].filter(([name]) => names.has(name));
      await keep(file, IDLE_KEY, new Map(kept));
    },
  };
}

/** The targets that need no new comparison if their tags still point to the same digests: whole releases. Pure. */
export function maybeIdle(
  targets: readonly Target[],
  idle: IdleTargets,
  fingerprints: ComparedFingerprints,
): Target[] {
  const same = targets.filter(({ name }) => {
    const now = fingerprints.get(name);
    return now?.isVerified && idle.get(name)?.fingerprint === now.fingerprint;
  });
  return wholeReleases(same, targets);
}

/** Some of all targets, without those of whose release another is missing: what makes one due takes it along. Pure. */
export function wholeReleases(some: readonly Target[], all: readonly Target[]): Target[] {
  const names = new Set(some.map(({ name }) => name));
  const broken = new Set(all.filter(({ name }) => !names.has(name)).map((target) => releaseOf(target)));
  return some.filter((target) => !broken.has(releaseOf(target)));
}

/** What is to be remembered after a plan: what was known, without what it found otherwise. Pure. */
export function rememberIdle(
  idle: IdleTargets,
  planned: readonly PlannedTarget[],
  fingerprints: ComparedFingerprints,
): IdleTargets {
  const kept = new Map(idle);
  for (const one of planned) {
    const { name } = one.target;
    const fingerprint = fingerprints.get(name)?.fingerprint;
    kept.delete(name);
    if (fingerprint !== undefined && one.published && isIdle(one)) {
      kept.set(name, { digest: one.published.digest, fingerprint });
    }
  }
  return kept;
}

function isIdle(planned: PlannedTarget): boolean {
  const { reasons, held, notes = [], skipped = [] } = planned;
  const isAllKnown = !isUncompared(planned) && !skipped.some(({ isUnknown }) => isUnknown);
  return reasons.length === 0 && held.length === 0 && notes.length === 0 && isAllKnown;
}

/**
 * Asks for the state of all that a plan compares targets with, without reading it.
 * @param identity digest of the catalog, of the options that change it, and of what builds
 */
export async function fingerprintsOf(
  identity: string,
  targets: readonly Target[],
  upstream: Pick<Upstream, "base" | "edition">,
  { today, chosenPlatforms, catalog }: Pick<IdleContext, "today" | "chosenPlatforms" | "catalog">,
): Promise<ComparedFingerprints> {
  const templates = await Promise.all(templateFolders(catalog).map((folder) => filesOf(folder)));
  const ours = hashOf([BUILD ?? "", identity, ...templates.flat()]);
  // Targets of one branch and the same platforms are offered the same.
  const stateFor = once((branch, ...platforms: Platform[]) => stateOf(branch, platforms, upstream));
  const compared = targets.map(async (target) => {
    const { branch } = target;
    const platforms = wantedPlatforms(target, chosenPlatforms);
    const state = await stateFor(branch, ...platforms);
    if (!state || dependsOnAge(target)) return [];
    const place = `${branch} ${platforms.join(",")}`;
    const fingerprint = hashOf([ours, place, state.digest, supportOf(target, today)]);
    return [[target.name, { fingerprint, isVerified: state.isVerified }]] as const;
  });
  return new Map((await Promise.all(compared)).flat());
}

/** What Alpine offers to a branch, on some platforms; undefined where not all of it could be asked. */
async function stateOf(
  branch: string,
  platforms: readonly Platform[],
  upstream: Pick<Upstream, "base" | "edition">,
): Promise<{ readonly digest: string; readonly isVerified: boolean } | undefined> {
  const [base, ...editions] = await Promise.all([
    upstream.base(branch),
    ...platforms.map((platform) => upstream.edition(branch, apkArchitecture(platform))),
  ]);
  const known = editions.flatMap((edition) => ("value" in edition ? [edition.value] : []));
  if (!("value" in base) || known.length < editions.length) return undefined;
  return {
    digest: hashOf([String(base.value), ...known.map(({ digest }) => digest)]),
    isVerified: known.every(({ isKnown }) => isKnown),
  };
}

/** The paths of all files below a directory, each followed by its content. */
async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.sort().map(async (file) => [file, await readFile(file, "utf8")]);
  return (await Promise.all(contents)).flat();
}
