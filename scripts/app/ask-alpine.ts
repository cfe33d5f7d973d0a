import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { wantedPlatforms } from "../plan/platforms.ts";
import type { Offered } from "../plan/reasons.ts";
import type { Answer, Fixes, Upstream } from "../upstream/upstream.ts";

/** What Alpine offers to some targets, by branch; targets of one branch share it. */
export type OfferedByBranch = ReadonlyMap<string, Offered>;

/** What of Alpine is asked here. */
type AskedUpstream = Pick<Upstream, "packages" | "base" | "missing">;

const NO_FIXES: Fixes = new Map();

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
  const branches = [...new Set(targets.map(({ branch }) => branch))];
  const offered = branches.map(async (branch) => {
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
  const asking = platforms.map(
    async (platform) => [platform, await upstream.packages(branch, apkArchitecture(platform))] as const,
  );
  const [base, ...answers] = await Promise.all([upstream.base(branch), ...asking]);
  const partial = await partialPlatforms(upstream, branch, platforms);
  const known = answers.flatMap(([platform, answer]) =>
    "value" in answer && answer.value ? [[platform, answer.value] as const] : [],
  );
  const digest = "value" in base ? base.value : undefined;
  return {
    packages: new Map(known),
    fixes: NO_FIXES,
    ...(digest !== undefined && { base: digest }),
    ...(partial.length > 0 && { partial }),
    unknown: problemsOf([base, ...answers.map(([, answer]) => answer)]),
    notes: answers.flatMap(([, answer]) => ("value" in answer ? (answer.notes ?? []) : [])),
  };
}

/** Those for which the mirror lacks a repository of the branch. */
async function partialPlatforms(
  upstream: AskedUpstream,
  branch: string,
  platforms: readonly Platform[],
): Promise<Platform[]> {
  const asking = platforms.map((platform) => upstream.missing(branch, apkArchitecture(platform)));
  const missing = await Promise.all(asking);
  return platforms.filter((_, index) => {
    const answer = missing[index];
    return answer && "value" in answer && answer.value.length > 0;
  });
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
    const unknown = [...one.unknown, ...problemsOf([fixes])];
    return [branch, { ...one, fixes: "value" in fixes ? fixes.value : NO_FIXES, unknown }] as const;
  });
  return new Map(await Promise.all(asking));
}

function problemsOf(answers: readonly Answer<unknown>[]): string[] {
  return answers.flatMap((answer) => ("problem" in answer ? [answer.problem] : []));
}
