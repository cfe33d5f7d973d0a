import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { makeFolder, moveInto, removeTree, writeWhole } from "../../scripts/system/files/files.ts";
import { debianArchitecture, systemMirror } from "../debian.ts";
import { branchesWith, branchRecipes, type MirroredBranch } from "./branches.ts";
import { buildBranches } from "./build-branches.ts";
import { type Ending, endingTogether } from "./ending.ts";
import { makeForeign } from "./foreign.ts";
import { chooseLanguages, LANGUAGES } from "./languages.ts";
import { foreignMachine, type Machine, machineOf } from "./machine.ts";
import { type MadePackages, madeFile, openMade } from "./made.ts";
import { RECIPE_SUITES, suiteRecipes } from "./recipes.ts";
import { loadSigningKey, type SigningKey } from "./signing-key.ts";
import type { Workshop } from "./suite-packages.ts";
import { TRIMMING_RULES } from "./trimming.ts";

/** Raise this when a change of the code, not of its tables, makes other packages of the same sources. */
const FORMAT = 4;
/** The file in the mirror that holds its stamp. */
export const MIRROR_STAMP = "stamp";

export interface MirrorOptions {
  /** The sandbox's directory; the mirror is its folder `mirror`. */
  readonly directory: string;
  readonly onProgress: (text: string) => void;
  /** Languages to make beside what every sandbox has. */
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
 * Makes the mirror from Debian's packages and npm's Node.js, which takes a minute or two. Does nothing where one is there
 * that was made by the same recipes and has all languages asked for.
 * @throws UserError when Debian's mirror or the npm registry cannot be reached, or a language is unknown
 */
export async function prepareMirror(options: MirrorOptions): Promise<Mirror> {
  const asked = chooseLanguages(options.languages);
  const machine = machineOf(await debianArchitecture(options.signal));
  const key = await loadSigningKey(join(options.directory, "keys"));
  const path = join(options.directory, "mirror");
  const standing = await readFile(join(path, MIRROR_STAMP), "utf8").catch(() => "");
  const stamp = nextStamp(standing, tablesHash(machine, key), asked);
  const isNew = standing !== stamp.text;
  const failed = new AbortController();
  const { signal } = options;
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const together = { ...options, failed, signal: either };
  // Neither needs the other, and each waits for its own downloads.
  const foreign = makeForeign(path, foreignMachine(machine), key, { ...together, isNew });
  const own = isNew ? replaceMirror(path, stamp, machine, key, together) : undefined;
  try {
    await endingTogether<unknown>([foreign, own], failed);
    await (await foreign)?.();
  } catch (error) {
    // What an interrupted child process leaves behind is no news: the interruption is.
    options.signal?.throwIfAborted();
    throw error;
  }
  const branches = branchesWith(stamp.languages).map(({ name }) => name);
  return { path, key, architecture: machine.apk, branches, stamp: stamp.text };
}

/** The tables that all packages are made by, whichever languages are chosen of them. */
function tablesHash(machine: Machine, key: SigningKey): string {
  const tables = {
    format: FORMAT,
    branches: branchesWith(Object.keys(LANGUAGES)).map((branch) => ({
      ...branch,
      own: branchRecipes(branch.name, key),
    })),
    languages: LANGUAGES,
    recipes: RECIPE_SUITES.map((suite) => suiteRecipes(suite, machine)),
    trimming: TRIMMING_RULES,
  };
  return createHash("sha256").update(JSON.stringify(tables)).digest("hex");
}

/** Builds beside the old mirror, with those of its packages that are the same, and takes its place when it is complete. */
async function replaceMirror(
  path: string,
  stamp: Stamp,
  machine: Machine,
  key: SigningKey,
  options: MirrorOptions & Ending,
): Promise<void> {
  const work = `${path}.new`;
  await removeTree(work);
  await makeFolder(work);
  const workshop: Workshop = {
    key,
    architecture: machine.apk,
    format: FORMAT,
    made: await openMade(path),
    limit: pLimit(availableParallelism()),
    ...{ signal: options.signal, failed: options.failed },
  };
  const made = await buildMirror(work, branchesWith(stamp.languages), machine, workshop, options);
  await removeTree(join(work, "work"));
  const { name, text } = madeFile(made);
  await writeWhole(join(work, name), text);
  await writeWhole(join(work, MIRROR_STAMP), stamp.text);
  await removeTree(path);
  await moveInto(work, path);
}

async function buildMirror(
  path: string,
  all: readonly MirroredBranch[],
  machine: Machine,
  workshop: Workshop,
  { onProgress, signal }: MirrorOptions & Ending,
): Promise<MadePackages> {
  const options = {
    ...{ path, machine, workshop, onProgress },
    debianMirror: await systemMirror(),
    // One download at a time: while the next suite comes in, the one before is converted.
    line: pLimit(1),
    signal,
  };
  const suites = [...new Set(all.map(({ suite }) => suite))];
  const made = await Promise.all(
    suites.map((suite) =>
      buildBranches(
        suite,
        all.filter((branch) => branch.suite === suite),
        options,
      ),
    ),
  );
  return new Map(made.flatMap((one) => [...one]));
}

/** What a mirror holds: the languages in it, and the tables that they were made by. */
interface Stamp {
  readonly languages: readonly string[];
  /** As it stands in the mirror: the hash of the tables, then the languages. */
  readonly text: string;
}

/** Whether a text is a mirror's stamp, of whichever tables and languages. */
export function isStamp(text: string): boolean {
  return /^[0-9a-f]{64}[ \n]/.test(text);
}

/**
 * The stamp that a mirror must have. One made by the same tables is never shrunk: it keeps its languages, and
 * gets those it lacks. One made by other tables is made anew, with what is asked for now.
 * @param standing the stamp that is there; empty where there is none
 */
export function nextStamp(standing: string, tables: string, asked: readonly string[]): Stamp {
  const [standingTables, ...held] = standing.trim().split(" ");
  const kept = standingTables === tables ? held : [];
  const languages = [...new Set([...kept, ...asked])].sort();
  return { languages, text: `${[tables, ...languages].join(" ")}\n` };
}
