import { join } from "node:path";
import type { LimitFunction } from "p-limit";
import { makeFolder } from "../../scripts/system/files/files.ts";
import type { SuiteArchive } from "../debian.ts";
import { writePackage } from "./apk-file.ts";
import { type Download, pathOf } from "./downloads.ts";
import { type Ending, endingTogether } from "./ending.ts";
import { type MadePackages, madeOf } from "./made.ts";
import type { NpmPackage } from "./npm.ts";
import { packageFiles } from "./package-files.ts";
import { debianRoots, type PackagePlan, planPackages } from "./package-plan.ts";
import type { Recipes } from "./recipe.ts";
import type { SigningKey } from "./signing-key.ts";
import { debianFiles, npmFiles, packedAt } from "./tar-source.ts";

/** A finished package: its plan, its file and its entry in an index. */
export interface BuiltPackage {
  readonly plan: PackagePlan;
  readonly path: string;
  readonly indexEntry: string;
  /** What it was made of. */
  readonly of?: string;
}

/** A package to make, and what it is made of. */
export interface PlannedPackage {
  readonly plan: PackagePlan;
  readonly of?: string;
}

/** The packages of a suite. */
export interface PlannedSuite {
  readonly packages: readonly PlannedPackage[];
  /** What has to be downloaded for those that are not there yet. */
  readonly wanted: readonly Download[];
}

/** What making packages takes, whichever they are. */
export interface Workshop extends Ending {
  readonly key: SigningKey;
  /** As apk names it. */
  readonly architecture: string;
  /** Raised when a change of the code makes other packages of the same sources. */
  readonly format: number;
  /** Packages that are there, and not made anew. */
  readonly made: MadePackages;
  /** Packages are made as many at a time as this allows. */
  readonly limit: LimitFunction;
}

/** What goes into packages: paths by Debian name and by npm spec. */
export interface Ingredients {
  /** Those that are still on their way, too. */
  readonly debian: ReadonlyMap<string, Promise<string>>;
  readonly npm: ReadonlyMap<string, NpmPackage>;
}

/** Decides which packages to make so that `names` and all they depend on are there. */
export async function planSuite(
  archive: SuiteArchive,
  recipes: Recipes,
  names: readonly string[],
  npm: ReadonlyMap<string, NpmPackage>,
  workshop: Workshop,
): Promise<PlannedSuite> {
  const debian = await archive.closure(debianRoots(recipes, names));
  const versions = {
    debian: new Map([...debian].map(([name, { version }]) => [name, version])),
    npm: new Map([...npm].map(([spec, { version }]) => [spec, version])),
  };
  const plans = planPackages(recipes, { debian, npm: versions.npm }, names);
  const packages = plans.map((plan) => ({ plan, of: madeOf(plan, versions, workshop) }));
  const missing = missingOf(packages, workshop).flatMap((plan) => plan.debian);
  const wanted = [...new Set(missing)].map((name) => ({ name, size: debian.get(name)?.size ?? 0 }));
  return { packages, wanted };
}

/** Those that are not there yet. */
function missingOf(planned: readonly PlannedPackage[], { made }: Workshop): PackagePlan[] {
  return planned.flatMap(({ plan, of }) => (of !== undefined && made.has(of) ? [] : [plan]));
}

/** Makes the packages in a directory, but for those that are there. */
export async function buildPackages(
  planned: readonly PlannedPackage[],
  ingredients: Ingredients,
  directory: string,
  workshop: Workshop,
): Promise<BuiltPackage[]> {
  await makeFolder(directory);
  return endingTogether(
    planned.map(async ({ plan, of }) => {
      const there = of === undefined ? undefined : workshop.made.get(of);
      const built = there ? { plan, ...there } : await buildWhenThere(plan, ingredients, directory, workshop);
      return { ...built, ...(of !== undefined && { of }) };
    }),
    workshop.failed,
  );
}

/** Paths of what a package is made of. */
interface Sources {
  readonly debian: ReadonlyMap<string, string>;
  readonly npm: ReadonlyMap<string, NpmPackage>;
}

/** Builds a package once all that it is made of is on the disk: who waits for that takes nobody's place. */
async function buildWhenThere(
  plan: PackagePlan,
  { debian, npm }: Ingredients,
  directory: string,
  workshop: Workshop,
): Promise<BuiltPackage> {
  const paths = plan.debian.map(async (name) => [name, pathOf(await debian.get(name), name)] as const);
  const sources = { debian: new Map(await Promise.all(paths)), npm };
  return workshop.limit(() => buildPackage(plan, sources, directory, workshop));
}

async function buildPackage(
  plan: PackagePlan,
  { debian, npm }: Sources,
  directory: string,
  { key, architecture, signal }: Workshop,
): Promise<BuiltPackage> {
  signal.throwIfAborted();
  const path = join(directory, `${plan.name}-${plan.version}.apk`);
  const files = packageFiles(plan, {
    debian: (name) => debianFiles(pathOf(debian.get(name), name), signal),
    npm: (spec) => npmFiles(pathOf(npm.get(spec)?.path, spec)),
  });
  const { name, version, description, depends } = plan;
  const times = await Promise.all(plan.debian.map((one) => packedAt(pathOf(debian.get(one), one))));
  const built = Math.max(UNKNOWN_TIME, ...times);
  const info = { name, version, description, architecture, license: "custom", depends, provides: [], built };
  return { plan, path, indexEntry: await writePackage(path, info, files, key) };
}

/** 2024-01-01: of packages that hold nothing of Debian's, as npm's archives are all of the same day in 1985. */
const UNKNOWN_TIME = 1_704_067_200;
