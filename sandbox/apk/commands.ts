import { resolve } from "node:path";
import { type Dependency, parseDependency } from "../../scripts/formats/alpine/dependency.ts";
import { loadKeys } from "../../scripts/formats/alpine/keys.ts";
import { compareVersions } from "../../scripts/formats/alpine/version.ts";
import type { Package } from "../../scripts/model/package.ts";
import { apkArchitecture, hostPlatform } from "../../scripts/model/platform.ts";
import { messageOf, UserError } from "../../scripts/system/errors.ts";
import type { Arguments, Command } from "./arguments.ts";
import { byName, Candidates } from "./candidates.ts";
import { architectureOf, createDatabase, type Database, readDatabase } from "./database.ts";
import { openPackage } from "./package-file.ts";
import { formatProblems } from "./problem.ts";
import {
  download,
  folderOf,
  openRepository,
  type PackageRepository,
  packageUrl,
  repositoryUrls,
} from "./repositories.ts";
import { solve } from "./solve.ts";
import { commit } from "./transaction.ts";
import { virtualPackage } from "./virtual.ts";

/** Where a command prints to. A line of `error` ends up on standard error. */
export interface Output {
  readonly print: (line: string) => void;
  readonly error: (line: string) => void;
  /** To standard output, as it is. */
  readonly write: (bytes: Uint8Array) => void;
}

/** What `apk --version` says. Not the version of Alpine's: a reader of logs should see whose work it is. */
const VERSION = "apk of Birdhouse's sandbox, after apk-tools 2.14";

type Run = (args: Arguments, output: Output) => Promise<number> | number;

const RUN: Readonly<Record<Command, Run>> = {
  add,
  del,
  fetch: fetchPackages,
  info,
  update,
  upgrade,
  version,
};

/** Runs one command line. @returns the exit code */
export async function runApk(args: Arguments, output: Output): Promise<number> {
  if (args.printVersion) return say(output, `${VERSION}, for ${architectureFor(args)}.`);
  if (args.printArchitecture) return say(output, architectureFor(args));
  if (args.command === undefined) throw new UserError("no command is given", "for example: apk add nodejs");
  return await RUN[args.command](args, output);
}

function say({ print }: Output, line: string): number {
  print(line);
  return 0;
}

async function add(args: Arguments, output: Output): Promise<number> {
  if (args.initdb) createDatabase(args.root, args.architecture);
  const database = readDatabase(args.root);
  const extra = args.virtual === undefined ? [] : [virtualPackage(args.virtual, args.words, new Date())];
  const words = args.virtual === undefined ? args.words : [args.virtual];
  const world = changedWorld(
    database.world,
    words.map((one) => parseWord(one)),
  );
  const repositories = await openRepositories(args, output);
  return await bringTo({ world, database, repositories, extra }, args, output);
}

/** What stays is installed already, so no repository is asked. */
async function del(args: Arguments, output: Output): Promise<number> {
  const database = readDatabase(args.root);
  const world = database.world.filter(({ name }) => !args.words.includes(name));
  return await bringTo({ world, database, repositories: [], extra: [] }, args, output);
}

async function upgrade(args: Arguments, output: Output): Promise<number> {
  const database = readDatabase(args.root);
  const repositories = await openRepositories(args, output);
  const goal = { world: database.world, database, repositories, extra: [] };
  return await bringTo(goal, { ...args, upgrade: true }, output);
}

/** Packages as they are in the repository: for whoever wants some of their files, and not the package. */
async function fetchPackages(args: Arguments, output: Output): Promise<number> {
  if (!args.stdout) throw new UserError("only `apk fetch --stdout PACKAGE…` is understood here");
  // Standard output is for the packages alone.
  const repositories = await openRepositories({ ...args, quiet: true }, output);
  for (const name of args.words) {
    const found = newestOf(name, repositories);
    const url = found && locate(found, repositories);
    if (!url) throw new UserError(`${name}: no such package`);
    const bytes = await download(url);
    openPackage(bytes, found, url);
    output.write(bytes);
  }
  return 0;
}

function newestOf(name: string, repositories: readonly PackageRepository[]): Package | undefined {
  return repositories
    .flatMap(({ packages }) => packages.filter((each) => each.name === name))
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

async function update(args: Arguments, output: Output): Promise<number> {
  const repositories = await openRepositories(args, output);
  const names = new Set(repositories.flatMap(({ packages }) => packages.map(({ name }) => name)));
  return say(output, `OK: ${names.size} distinct packages available`);
}

function info(args: Arguments, output: Output): number {
  const installed = [...readDatabase(args.root).installed].sort(byName);
  const shown =
    args.words.length === 0 ? installed : installed.filter(({ name }) => args.words.includes(name));
  for (const { name, version } of shown) output.print(args.verbose ? `${name}-${version}` : name);
  return args.words.length > shown.length ? 1 : 0;
}

function version({ test, words: [a, b] }: Arguments, output: Output): number {
  if (!test || a === undefined || b === undefined) {
    throw new UserError("only `apk version -t VERSION VERSION` is understood here");
  }
  return say(output, "<=>"[compareVersions(a, b) + 1] ?? "");
}

/** What shall be, what is, and what there is to choose from. */
interface Goal {
  readonly world: readonly Dependency[];
  readonly database: Database;
  readonly repositories: readonly PackageRepository[];
  /** Packages that are in no repository. */
  readonly extra: readonly Package[];
}

/** Solves the world and installs the solution. @returns the exit code */
async function bringTo(
  { world, database, repositories, extra }: Goal,
  args: Arguments,
  output: Output,
): Promise<number> {
  const available = [...repositories.flatMap(({ packages }) => packages), ...extra];
  const prefer = args.upgrade ? "newest" : "installed";
  const solution = solve(world, new Candidates(available, database.installed, prefer));
  if (!solution.ok) {
    output.error(formatProblems(solution.problems));
    return solution.problems.length;
  }
  await commit(database, world, solution.packages, {
    root: args.root,
    simulate: args.simulate,
    print: args.quiet ? () => undefined : output.print,
    locate: (each) => locate(each, repositories),
  });
  return 0;
}

function locate(each: Package, repositories: readonly PackageRepository[]): string | undefined {
  const repository = repositories.find(({ packages }) => packages.includes(each));
  return repository && packageUrl(repository, each);
}

/** The repositories that can be had. As with apk itself, one that is not there is worth a warning, and no more. */
async function openRepositories(args: Arguments, output: Output): Promise<PackageRepository[]> {
  const architecture = architectureFor(args);
  const urls = [...args.repositories, ...repositoryUrls(args.root)].map((url) => folderOf(url, architecture));
  const keys = loadKeys(resolve(args.root, args.keysDirectory));
  const repositories: PackageRepository[] = [];
  for (const url of urls) {
    try {
      if (!args.quiet) output.print(`fetch ${url}/APKINDEX.tar.gz`);
      repositories.push(await openRepository(url, keys));
    } catch (error) {
      if (error instanceof UserError) throw error;
      output.error(`WARNING: opening ${url}: ${messageOf(error)}`);
    }
  }
  return repositories;
}

function architectureFor(args: Arguments): string {
  return args.architecture ?? architectureOf(args.root) ?? apkArchitecture(hostPlatform());
}

/** The world with more words. A word takes the place of one that has the same name. */
function changedWorld(world: readonly Dependency[], words: readonly Dependency[]): Dependency[] {
  return [...new Map([...world, ...words].map((each) => [each.name, each])).values()];
}

function parseWord(word: string): Dependency {
  const dependency = understood(word);
  if (dependency.tag === undefined) return dependency;
  throw new UserError(`'${word}': repositories with a tag are not supported here`);
}

function understood(word: string): Dependency {
  try {
    return parseDependency(word);
  } catch {
    throw new UserError(`'${word}' is not a valid world dependency, format is name(@tag)([<>~=]version)`);
  }
}
