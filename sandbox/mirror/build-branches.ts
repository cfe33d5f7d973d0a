import { basename, join, relative } from "node:path";
import pLimit, { type LimitFunction } from "p-limit";
import { REPOSITORIES } from "../../scripts/model/repositories.ts";
import { linkOrCopy, makeFolder } from "../../scripts/system/files/files.ts";
import { count } from "../../scripts/system/shown/format.ts";
import { openSuite, type Suite } from "../debian.ts";
import { writeIndex } from "./apk-file.ts";
import { branchRecipes, type MirroredBranch, repositoryOf } from "./branches.ts";
import { downloadInParts } from "./downloads.ts";
import type { Machine } from "./machine.ts";
import type { MadePackage, MadePackages } from "./made.ts";
import { fetchNpmPackages } from "./npm.ts";
import { planPackages } from "./package-plan.ts";
import type { Recipes } from "./recipe.ts";
import { suiteRecipes } from "./recipes.ts";
import { type BuiltPackage, buildPackages, planSuite, type Workshop } from "./suite-packages.ts";

/** What filling branches takes, whichever they are. */
export interface BranchOptions {
  /** The mirror to be; its folder `work` is the caller's to remove. */
  readonly path: string;
  readonly machine: Machine;
  readonly workshop: Workshop;
  readonly debianMirror: string;
  /** Downloads go through it. */
  readonly line: LimitFunction;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the packages of a Debian suite for one kind of machine, and the repositories of the branches that it fills.
 * @returns what the suite's packages were made of, and where they are in the mirror
 */
export async function buildBranches(
  suite: Suite,
  branches: readonly MirroredBranch[],
  { path, machine, workshop, debianMirror, line, onProgress, signal }: BranchOptions,
): Promise<MadePackages> {
  const names = [...new Set(branches.flatMap((branch) => branch.packages))];
  const work = (kind: string) => join(path, "work", kind, `${suite}-${machine.debian}`);
  const recipes = suiteRecipes(suite, machine);
  const asksNpm = names.some((name) => recipes[name]?.npm);
  const [archive, npm] = await Promise.all([
    openSuite(suite, work("apt"), debianMirror, { architecture: machine.debian, signal }),
    fetchNpmPackages(asksNpm ? npmSpecs(recipes) : [], work("npm"), signal),
  ]);
  const { packages, wanted } = await planSuite(archive, recipes, names, npm, workshop);
  if (wanted.length > 0) {
    onProgress(`downloading and converting ${count(wanted.length, "package")} of Debian ${suite}`);
  }
  const debian = downloadInParts(archive, wanted, work("debian"), line);
  const built = await buildPackages(packages, { debian, npm }, work("packages"), workshop);
  const made = new Map<string, MadePackage>();
  for (const branch of branches) {
    for (const { of, path: file, indexEntry } of await writeBranch(path, branch, built, workshop)) {
      if (of !== undefined) made.set(of, { path: relative(path, file), indexEntry });
    }
  }
  onProgress(`ready: ${branches.map(({ name }) => `v${name}`).join(", ")}, from Debian ${suite}`);
  return made;
}

function npmSpecs(recipes: Recipes): string[] {
  return [...new Set(Object.values(recipes).flatMap(({ npm }) => npm?.spec ?? []))];
}

/**
 * Writes a branch's repositories: its share of the suite's packages, and the packages of its own.
 * @returns all of them, where they are in the repositories
 */
async function writeBranch(
  path: string,
  branch: MirroredBranch,
  suitePackages: readonly BuiltPackage[],
  workshop: Workshop,
): Promise<BuiltPackage[]> {
  const recipes = branchRecipes(branch.name, workshop.key);
  const nothing = { debian: new Map(), npm: new Map() };
  const ownPlans = planPackages(recipes, nothing, Object.keys(recipes)).map((plan) => ({ plan }));
  const work = join(path, "work/packages", branch.name);
  // These are a few small files: they need not wait until the other suites are converted.
  const own = await buildPackages(ownPlans, nothing, work, { ...workshop, limit: pLimit(1) });
  const packages = [...own, ...shareOf(branch, suitePackages)].sort((a, b) =>
    a.plan.name < b.plan.name ? -1 : 1,
  );
  const placed: BuiltPackage[] = [];
  for (const repository of REPOSITORIES) {
    const directory = join(path, `v${branch.name}`, repository, workshop.architecture);
    await makeFolder(directory);
    const inIt = packages.filter(({ plan }) => repositoryOf(plan.name) === repository);
    // The same file serves every branch of its suite.
    for (const item of inIt) {
      const place = join(directory, basename(item.path));
      await linkOrCopy(item.path, place);
      placed.push({ ...item, path: place });
    }
    const entries = inIt.map((item) => item.indexEntry);
    await writeIndex(join(directory, "APKINDEX.tar.gz"), `v${branch.name}.0 sandbox`, entries, workshop.key);
  }
  return placed;
}

/** The packages that a branch asks for, with all they depend on. */
function shareOf(branch: MirroredBranch, packages: readonly BuiltPackage[]): BuiltPackage[] {
  const byName = new Map(packages.map((item) => [item.plan.name, item]));
  const share = new Set<BuiltPackage>();
  const queue = [...branch.packages];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const found = byName.get(name);
    if (!found) throw new Error(`branch ${branch.name} of the sandbox lacks ${name}`);
    if (share.has(found)) continue;
    share.add(found);
    queue.push(...found.plan.depends);
  }
  return [...share];
}
