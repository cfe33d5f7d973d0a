import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import pLimit from "p-limit";
import { REPOSITORIES } from "../../scripts/model/repositories.ts";
import { makeFolder, moveInto, removeTree, writeWhole } from "../../scripts/system/files/files.ts";
import { systemMirror } from "../debian.ts";
import { branchesWith, branchRecipes, type MirroredBranch } from "./branches.ts";
import { buildBranches } from "./build-branches.ts";
import type { Ending } from "./ending.ts";
import type { Machine } from "./machine.ts";
import { RECIPE_SUITES, suiteRecipes } from "./recipes.ts";
import type { SigningKey } from "./signing-key.ts";
import { TRIMMING_RULES } from "./trimming.ts";

/**
 * What the mirror has for machines of the other kind: enough for the runtime images of base, C, C++, Go, Lua, Rust
 * and static programs on the newest branch, which is a few megabytes. Where nothing is, its platform is unavailable.
 */
const FOREIGN_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "3.24": [
    ...["alpine-baselayout-data", "busybox-binsh", "ca-certificates-bundle", "libgcc", "libstdc++"],
    ...["coreutils-env", "lua5.4", "lua5.5", "luajit", "musl", "tzdata"],
  ],
};

/** Raise this when a change of the code, not of its tables, makes other packages of the same sources. */
const FORMAT = 2;

export interface ForeignOptions extends Ending {
  /** Whether the mirror is being made anew: then what was in it of these packages goes with it. */
  readonly isNew: boolean;
  readonly onProgress: (text: string) => void;
}

/**
 * Makes a mirror's packages for another kind of machine, unless it has them. They have a stamp of their own: neither
 * these nor this machine's own are made anew for a change of the others.
 * @param path of the mirror
 * @returns what puts them into the mirror, once that stands; undefined where it has them
 * @throws UserError when Debian's mirror cannot be reached
 */
export async function makeForeign(
  path: string,
  machine: Machine,
  key: SigningKey,
  { isNew, onProgress, signal, failed }: ForeignOptions,
): Promise<(() => Promise<void>) | undefined> {
  const stampPath = join(path, `stamp-${machine.apk}`);
  const branches = foreignBranches();
  const stamp = stampOf(branches, machine, key);
  if (!isNew && (await readFile(stampPath, "utf8").catch(() => "")) === stamp) return undefined;
  const work = `${path}.${machine.apk}`;
  try {
    await removeTree(work);
    onProgress(`making some packages for ${machine.apk} too`);
    const workshop = {
      ...{ key, architecture: machine.apk, format: FORMAT, limit: pLimit(availableParallelism()) },
      // They are few: nothing tells what they were made of.
      made: new Map(),
      ...{ signal, failed },
    };
    const common = { path: work, machine, workshop, debianMirror: await systemMirror(), line: pLimit(1) };
    for (const suite of new Set(branches.map((branch) => branch.suite))) {
      const those = branches.filter((branch) => branch.suite === suite);
      await buildBranches(suite, those, { ...common, onProgress, signal });
    }
  } catch (error) {
    await removeTree(work);
    throw error;
  }
  return async () => {
    await moveIn(work, path, branches, machine);
    await writeWhole(stampPath, stamp);
    await removeTree(work);
  };
}

function foreignBranches(): MirroredBranch[] {
  return branchesWith([]).flatMap(({ name, suite }) => {
    const packages = FOREIGN_PACKAGES[name];
    return packages ? [{ name, suite, packages }] : [];
  });
}

function stampOf(branches: readonly MirroredBranch[], machine: Machine, key: SigningKey): string {
  const tables = {
    format: FORMAT,
    branches: branches.map((branch) => ({ ...branch, own: branchRecipes(branch.name, key) })),
    recipes: RECIPE_SUITES.map((suite) => suiteRecipes(suite, machine)),
    trimming: TRIMMING_RULES,
  };
  return createHash("sha256").update(JSON.stringify(tables)).digest("hex");
}

/** Puts the finished repositories beside those of this machine. */
async function moveIn(
  from: string,
  to: string,
  branches: readonly MirroredBranch[],
  machine: Machine,
): Promise<void> {
  for (const { name } of branches) {
    for (const repository of REPOSITORIES) {
      const place = join(`v${name}`, repository, machine.apk);
      await removeTree(join(to, place));
      await makeFolder(dirname(join(to, place)));
      await moveInto(join(from, place), join(to, place));
    }
  }
}
