import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Package } from "../../scripts/model/package.ts";
import { type ProcessResult, run } from "../../scripts/system/process/process.ts";
import {
  COMMUNITY_STUB,
  FIXTURE_MIRROR,
  fixtureRepositories,
  indexDescription,
  type Repository,
  type RootfsBranch,
  rootfsFile,
} from "./alpine-fixtures.ts";
import { indexedPackages } from "./known-packages.ts";
import { type RealApk, unpackRealApk } from "./real-apk.ts";

/** What of a package its size is told by. */
export type SizedPackage = Pick<Package, "name" | "version" | "size" | "installedSize" | "buildTime">;

/** A branch, as far as its real indexes are at hand, and what the real apk makes of it. */
export interface Resolver {
  readonly branch: string;
  /** What the indexes call themselves. */
  readonly index: string;
  /** When their newest package was built, as YYYY-MM-DD. */
  readonly date: string;
  /** The world of Alpine's base image, which dev images begin with. */
  readonly baseWorld: readonly string[];
  /**
   * The packages that a world comes to on an empty root, in the order of installation.
   * @throws Error with apk's own words when it cannot be resolved
   */
  closureOf(world: readonly string[]): Promise<SizedPackage[]>;
  remove(): void;
}

/** A resolver of the real indexes of a branch that are at hand. */
export async function openResolver(branch: string): Promise<Resolver> {
  const repositories = fixtureRepositories(branch);
  const packages = repositories.flatMap((repository) => indexedPackages(branch, repository));
  const real = await unpackRealApk(apkOf(branch));
  for (const repository of repositories) {
    const path = `v${branch}/${repository}/x86_64`;
    copyFileSync(join(FIXTURE_MIRROR, path, "APKINDEX.tar.gz"), indexFileIn(real, repository));
  }
  return resolverWith(real, branch, repositories, packages);
}

/** A resolver of 3.22's main as it is, and of that part of community that the stub has. */
export async function openStubResolver(): Promise<Resolver> {
  const branch = "3.22";
  const packages = [
    ...indexedPackages(branch, "main"),
    ...stubPackages(readFileSync(COMMUNITY_STUB, "utf8")),
  ];
  const real = await unpackRealApk(apkOf(branch));
  const path = `v${branch}/main/x86_64`;
  copyFileSync(join(FIXTURE_MIRROR, path, "APKINDEX.tar.gz"), indexFileIn(real, "main"));
  copyFileSync(COMMUNITY_STUB, join(real.root, "APKINDEX"));
  await run(["tar", "-czf", indexFileIn(real, "community"), "-C", real.root, "APKINDEX"]);
  return resolverWith(real, branch, ["main", "community"], packages, ["--allow-untrusted"]);
}

/**
 * The branch whose apk resolves a branch: its own, where it is at hand. That matters on old ones: 3.9's
 * index does not say which of the packages that provide /bin/sh is the one to take, and 3.20's apk then
 * takes none, where 3.9's takes busybox.
 */
function apkOf(branch: string): RootfsBranch {
  return branch === "3.9" ? "3.9" : "3.20";
}

/** Where a repository's index has to lie for the real apk to see it. */
function indexFileIn({ root }: RealApk, repository: Repository): string {
  const directory = join(root, "mirror", repository, "x86_64");
  mkdirSync(directory, { recursive: true });
  return join(directory, "APKINDEX.tar.gz");
}

async function resolverWith(
  real: RealApk,
  branch: string,
  repositories: readonly Repository[],
  packages: readonly SizedPackage[],
  options: readonly string[] = [],
): Promise<Resolver> {
  const known = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  mkdirSync(join(real.root, "target"));
  const root = ["--root", "/target", "--arch", "x86_64", "--keys-dir", "/etc/apk/keys", ...options];
  await real.apk(...root, "--initdb", "add");
  const sources = repositories.flatMap((repository) => ["--repository", `/mirror/${repository}`]);
  const simulate = [...root, ...sources, "--no-network", "add", "--simulate"];
  return {
    branch,
    index: fixtureRepositories(branch)
      .map((repository) => indexDescription(`v${branch}/${repository}/x86_64`))
      .join(" + "),
    date: newestBuild(packages),
    baseWorld: wordsOf(rootfsFile(apkOf(branch), "etc/apk/world")),
    closureOf: async (world) => {
      const result = await real.apk(...simulate, ...world);
      return installedBy(result, `on ${branch}, the world ${world.join(" ")}`).map((key) => {
        const found = known.get(key);
        if (!found) throw new Error(`apk would install ${key}, which is not in the index of ${branch}`);
        return found;
      });
    },
    remove: () => real.remove(),
  };
}

/** The packages that apk says it would install, each as `NAME VERSION`. @throws Error when apk gave up */
function installedBy({ exitCode, stdout, output }: ProcessResult, what: string): string[] {
  if (exitCode !== 0) throw new Error(`${what}: ${output.trim()}`);
  return [...stdout.matchAll(/^\(\d+\/\d+\) Installing (\S+) \((\S+)\)$/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
}

/** The packages of the stub. It was typed by hand: where it does not say a size, that counts for nothing. */
function stubPackages(text: string): SizedPackage[] {
  return text.split(/\n{2,}/).flatMap((entry) => {
    const field = (letter: string) => new RegExp(`^${letter}:(.*)$`, "m").exec(entry)?.[1];
    const [name, version] = [field("P"), field("V")];
    if (name === undefined || version === undefined) return [];
    const number = (letter: string) => Number(field(letter) ?? 0);
    return [{ name, version, size: number("S"), installedSize: number("I"), buildTime: number("t") }];
  });
}

function newestBuild(packages: readonly Pick<Package, "buildTime">[]): string {
  const seconds = packages.reduce((newest, { buildTime }) => Math.max(newest, buildTime), 0);
  return new Date(seconds * 1000).toISOString().slice(0, "YYYY-MM-DD".length);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
