import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { wantedPlatforms } from "../plan/platforms.ts";
import type { Offered } from "../plan/reasons.ts";
import type { Answer, Upstream } from "../upstream/upstream.ts";

/** What Alpine offers to some targets, by branch; targets of one branch share it. */
export type OfferedByBranch = ReadonlyMap<string, Offered>;

/** What of Alpine is asked here. */
type AskedUpstream = Pick<Upstream, "packages" | "base" | "missing">;

/**
 * Asks what Alpine offers now to the branches of some targets, on all platforms that are wanted. Fixes are left out:
 * see askForFixes.
 * @param chosen what `--platform` names, beside what the catalog wants
 */
export async function askAlpine(
  upstream: AskedUpstream,
  targets: readonly Target[],
  chosen: readonly Platform[] | undefined,
): Promise<OfferedByBranch> {
  const offered = branchesOf(targets).map(async (branch) => {
    const those = targets.filter((target) => target.branch === branch);
    const platforms = [...new Set(those.flatMap((target) => wantedPlatforms(target, chosen)))];
    return [branch, await askForBranch(upstream, branch, platforms)] as const;
  });
  return new Map(await Promise.all(offered));
}

async function askForBranch(
  upstream: AskedUpstream,
  branch: string,
  platforms: readonly Platform[],
): Promise<Offered> {
  const asking = platforms.map(async (platform) => {
    const architecture = apkArchitecture(platform);
    const packages = await upstream.packages(branch, architecture);
    const missing = valueIn(await upstream.missing(branch, architecture)) ?? [];
    return { platform, packages, isPartial: missing.length > 0 };
  });
  const [base, answers] = await Promise.all([upstream.base(branch), Promise.all(asking)]);
  const digest = valueIn(base);
  const partial = answers.filter(({ isPartial }) => isPartial).map(({ platform }) => platform);
  const known = answers.flatMap(({ platform, packages }) => {
    const value = valueIn(packages);
    return value ? [[platform, value] as const] : [];
  });
  return {
    packages: new Map(known),
    fixes: new Map(),
    ...(digest !== undefined && { base: digest }),
    ...(partial.length > 0 && { partial }),
    unknown: onceEach([base, ...answers.map(({ packages }) => packages)].flatMap((one) => problemOf(one))),
    notes: answers.flatMap(({ packages }) => ("value" in packages ? (packages.notes ?? []) : [])),
  };
}

/** The same, with what has been fixed on some of the branches. */
export async function askForFixes(
  upstream: Pick<Upstream, "fixes">,
  offered: OfferedByBranch,
  branches: ReadonlySet<string>,
): Promise<OfferedByBranch> {
  const asking = [...offered].map(async ([branch, one]) => {
    if (!branches.has(branch)) return [branch, one] as const;
    const fixes = await upstream.fixes(branch);
    const unknown = onceEach([...one.unknown, ...problemOf(fixes)]);
    return [branch, { ...one, fixes: valueIn(fixes) ?? new Map(), unknown }] as const;
  });
  return new Map(await Promise.all(asking));
}

/**
 * The base image that each branch is built on. The plan compared nothing of some, as of versions that have ended, and
 * they are asked for too: an image tells what it was built on, and must be the same whatever day it is built.
 * @param upstream asks for what the plan has asked for no second time
 * @returns branch → digest, where that can be found out
 */
export async function basesOf(
  targets: readonly Target[],
  upstream: Pick<Upstream, "base">,
): Promise<ReadonlyMap<string, string>> {
  const asked = branchesOf(targets).map(async (branch) => {
    const digest = valueIn(await upstream.base(branch));
    return digest === undefined ? [] : [[branch, digest] as const];
  });
  return new Map((await Promise.all(asked)).flat());
}

/** What was answered; undefined where nothing was. */
export function valueIn<T>(answer: Answer<T>): T | undefined {
  return "value" in answer ? answer.value : undefined;
}

function branchesOf(targets: readonly Target[]): string[] {
  return [...new Set(targets.map(({ branch }) => branch))];
}

function problemOf(answer: Answer<unknown>): string[] {
  return "problem" in answer ? [answer.problem] : [];
}

/** A server that is away gives all its documents the same problem. */
function onceEach(problems: readonly string[]): string[] {
  return [...new Set(problems)];
}
