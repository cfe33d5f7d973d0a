import { createHash } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import { debianArchitecture, openSuite, systemMirror } from "../debian.ts";
import { writeIndex } from "./apk-file.ts";
import {
  BRANCH_NAMES,
  type Branch,
  branchesWith,
  branchRecipes,
  REPOSITORIES,
  repositoryOf,
} from "./branches.ts";
import { chooseLanguages, LANGUAGES, LANGUAGES_VARIABLE } from "./languages.ts";
import { type Machine, machineOf } from "./machine.ts";
import { fetchNpmPackages } from "./npm.ts";
import { planPackages } from "./package-plan.ts";
import type { Recipes } from "./recipe.ts";
import { RECIPE_SUITES, suiteRecipes } from "./recipes.ts";
import { loadSigningKey, type SigningKey } from "./signing-key.ts";
import { nextStamp, type Stamp } from "./stamp.ts";
import { type BuiltPackage, buildPackages, planSuite, type Workshop } from "./suite-packages.ts";
import { TRIMMING_RULES } from "./trimming.ts";

/** Raise this when a change of the code, not of its tables, makes other packages of the same sources. */
const FORMAT = 3;
/** The file in the mirror that holds its stamp. */
export const STAMP = "stamp";

export interface MirrorOptions {
  /** The sandbox's directory; the mirror is its folder `mirror`. */
  readonly directory: string;
  readonly onProgress: (text: string) => void;
  /** The languages asked for beyond the quick ones; what the environment says where it is left out. */
  readonly languages?: string;
  readonly signal?: AbortSignal;
}

/** A mirror on disk, laid out as Alpine's are: `v3.22/main/x86_64/APKINDEX.tar.gz`. */
export interface Mirror {
  readonly path: string;
  readonly key: SigningKey;
  /** As apk names it. */
  readonly architecture: string;
  readonly branches: readonly string[];
  /** The same for two mirrors made by the same recipes. */
  readonly stamp: string;
}

/**
 * Sees to it that the mirror stands, with the languages asked for: made from Debian's packages and npm's
 * Node.js when there is none or its recipes have changed since, which takes a minute or two; made anew with
 * more in it when it lacks a language; otherwise left as it is.
 * @throws UserError when Debian's mirror or the npm registry cannot be reached, or a language is unknown
 */
export async function prepareMirror(options: MirrorOptions): Promise<Mirror> {
  const asked = chooseLanguages(options.languages ?? process.env[LANGUAGES_VARIABLE]);
  const machine = machineOf(await debianArchitecture(options.signal));
  const key = await loadSigningKey(join(options.directory, "keys"));
  const path = join(options.directory, "mirror");
  const standing = await readFile(join(path, STAMP), "utf8").catch(() => "");
  const stamp = nextStamp(standing, tablesHash(machine, key), asked);
  if (standing !== stamp.text) {
    try {
      await replaceMirror(path, stamp, machine, key, options);
    } catch (error) {
      // What an interrupted child process leaves behind is no news: the interruption is.
      options.signal?.throwIfAborted();
      throw error;
    }
  }
  return { path, key, architecture: machine.apk, branches: BRANCH_NAMES, stamp: stamp.text };
}

/** The tables that all packages are made by, whichever languages are chosen of them. */
function tablesHash(machine: Machine, key: SigningKey): string {
  const tables = {
    format: FORMAT,
    branches: branchesWith([]).map((branch) => ({ ...branch, own: branchRecipes(branch.name, key) })),
    languages: LANGUAGES,
    recipes: RECIPE_SUITES.map((suite) => suiteRecipes(suite, machine)),
    trimming: TRIMMING_RULES,
  };
  return createHash("sha256").update(JSON.stringify(tables)).digest("hex");
}

/** Builds beside the old mirror and puts the new one in its place when it is complete. */
async function replaceMirror(
  path: string,
  stamp: Stamp,
  machine: Machine,
  key: SigningKey,
  options: MirrorOptions,
): Promise<void> {
  const work = `${path}.new`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const workshop: Workshop = {
    key,
    architecture: machine.apk,
    limit: pLimit(availableParallelism()),
    ...(options.signal && { signal: options.signal }),
  };
  await buildMirror(work, branchesWith(stamp.languages), machine, workshop, options);
  await rm(join(work, "work"), { recursive: true });
  await writeFile(join(work, STAMP), stamp.text);
  await rm(path, { recursive: true, force: true });
  await rename(work, path);
}

async function buildMirror(
  path: string,
  all: readonly Branch[],
  machine: Machine,
  workshop: Workshop,
  { onProgress, signal }: MirrorOptions,
): Promise<void> {
  const debianMirror = await systemMirror();
  const suites = [...new Set(all.map(({ suite }) => suite))];
  // One download at a time: while the next suite comes in, the one before is converted.
  const line = pLimit(1);
  await Promise.all(
    suites.map(async (suite) => {
      const branches = all.filter((branch) => branch.suite === suite);
      const names = [...new Set(branches.flatMap((branch) => branch.packages))];
      const archive = await openSuite(suite, join(path, "work/apt", suite), debianMirror, signal);
      const recipes = suiteRecipes(suite, machine);
      const npm = await fetchNpmPackages(npmSpecs(recipes), join(path, "work/npm", suite), signal);
      const plans = await planSuite(archive, recipes, names, npm);
      const wanted = [...new Set(plans.flatMap((plan) => plan.debian))];
      const debian = await line(() => {
        onProgress(`downloading ${wanted.length} packages of Debian ${suite}`);
        return archive.download(wanted, join(path, "work/debian", suite));
      });
      onProgress(`converting the packages of Debian ${suite}`);
      const built = await buildPackages(plans, { debian, npm }, join(path, "work/packages", suite), workshop);
      for (const branch of branches) await writeBranch(path, branch, built, workshop);
      onProgress(`ready: ${branches.map(({ name }) => `v${name}`).join(", ")}, from Debian ${suite}`);
    }),
  );
}

function npmSpecs(recipes: Recipes): string[] {
  return [...new Set(Object.values(recipes).flatMap(({ npm }) => npm?.spec ?? []))];
}

/** Writes a branch's repositories: its share of the suite's packages, and the packages of its own. */
async function writeBranch(
  path: string,
  branch: Branch,
  suitePackages: readonly BuiltPackage[],
  workshop: Workshop,
): Promise<void> {
  const recipes = branchRecipes(branch.name, workshop.key);
  const nothing = { debian: new Map(), npm: new Map() };
  const ownPlans = planPackages(recipes, nothing, Object.keys(recipes));
  const work = join(path, "work/packages", branch.name);
  // These are a few small files: they need not wait until the other suites are converted.
  const own = await buildPackages(ownPlans, nothing, work, { ...workshop, limit: pLimit(1) });
  const packages = [...own, ...shareOf(branch, suitePackages)].sort((a, b) =>
    a.plan.name < b.plan.name ? -1 : 1,
  );
  for (const repository of REPOSITORIES) {
    const directory = join(path, `v${branch.name}`, repository, workshop.architecture);
    await mkdir(directory, { recursive: true });
    const inIt = packages.filter(({ plan }) => repositoryOf(plan.name) === repository);
    // The same file serves every branch of its suite.
    for (const item of inIt) await link(item.path, join(directory, basename(item.path)));
    const entries = inIt.map((item) => item.indexEntry);
    await writeIndex(join(directory, "APKINDEX.tar.gz"), `v${branch.name}.0 sandbox`, entries, workshop.key);
  }
}

/** The packages that a branch asks for, with all they depend on. */
function shareOf(branch: Branch, packages: readonly BuiltPackage[]): BuiltPackage[] {
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
