import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../scripts/system/errors.ts";
import { makeFolder, writeWhole } from "../scripts/system/files/files.ts";
import { run, tryRun } from "../scripts/system/process/process.ts";
import { type DebianPackage, parsePackages } from "./debian-control.ts";

/** The Debian releases that the sandbox takes packages from. */
export type Suite = "bookworm" | "trixie" | "forky";

const DEFAULT_MIRROR = "http://deb.debian.org/debian";
const KEYRINGS = ["gpg", "pgp"].map((type) => `/usr/share/keyrings/debian-archive-keyring.${type}`);

/** One Debian release, reached through apt with a state of its own: the system's apt never notices. */
export interface SuiteArchive {
  /** The packages with everything they depend on, by name. */
  closure(names: readonly string[]): Promise<ReadonlyMap<string, DebianPackage>>;
  /** Downloads packages, checked against Debian's signatures. Gives package name → path of its file. */
  download(names: readonly string[], directory: string): Promise<ReadonlyMap<string, string>>;
}

export interface SuiteOptions {
  /** As Debian names it, such as `arm64`; this machine's where it is left out. */
  readonly architecture?: string;
  readonly signal?: AbortSignal;
}

/**
 * Reads the package lists of a suite from Debian's mirror.
 * @param directory where apt keeps lists and cache for this suite
 * @throws UserError when Debian's keys are not on this machine or its mirror cannot be reached
 */
export async function openSuite(
  suite: Suite,
  directory: string,
  mirror: string,
  { architecture, signal }: SuiteOptions = {},
): Promise<SuiteArchive> {
  const keyring = KEYRINGS.find((path) => existsSync(path));
  if (keyring === undefined) {
    throw new UserError(
      "the sandbox needs Debian's archive keys, and they are not in /usr/share/keyrings",
      "install them with: apt-get install debian-archive-keyring",
    );
  }
  const own = await prepareRoot(directory, `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const options = [...own, ...architectureOptions(architecture)];
  const withSignal = signal ? { signal } : {};
  const updated = await tryRun(
    ["apt-get", ...options, "-o", "APT::Update::Error-Mode=any", "update"],
    withSignal,
  );
  if (updated.exitCode !== 0) {
    throw new UserError(
      `cannot read the package lists of Debian ${suite} from ${mirror}\n${updated.stderr.trimEnd()}`,
      "the sandbox makes its packages from Debian's: it needs a Debian mirror (see /etc/apt/sources.list)",
    );
  }

  return {
    async closure(names) {
      const install = ["install", "--print-uris", "-y", "--no-install-recommends"];
      const { stdout } = await run(["apt-get", ...options, ...install, ...names], withSignal);
      const shown = await run(
        ["apt-cache", ...options, "show", "--no-all-versions", ...namesOf(stdout)],
        withSignal,
      );
      return parsePackages(shown.stdout);
    },
    async download(names, target) {
      await makeFolder(target);
      await run(["apt-get", ...options, "download", ...names], { ...withSignal, cwd: target });
      const files = await readdir(target);
      // apt names a file PACKAGE_VERSION_ARCHITECTURE.deb, and a package's name has no underscore.
      return new Map(files.map((file) => [file.slice(0, file.indexOf("_")), join(target, file)]));
    },
  };
}

/** apt.conf(5): for one architecture alone, whatever this machine can run besides. */
function architectureOptions(architecture: string | undefined): string[] {
  if (architecture === undefined) return [];
  return ["APT::Architecture", "APT::Architectures"].flatMap((name) => ["-o", `${name}=${architecture}`]);
}

/** Makes the directories apt wants, and gives the options that keep it inside of them. */
async function prepareRoot(directory: string, sources: string): Promise<string[]> {
  await makeFolder(join(directory, "lists/partial"));
  await makeFolder(join(directory, "cache/archives/partial"));
  await writeWhole(join(directory, "sources.list"), sources);
  await writeWhole(join(directory, "status"), "");
  const settings = {
    "Dir::State": directory,
    "Dir::State::Lists": join(directory, "lists"),
    // An empty list of installed packages: a closure then names every package it needs.
    "Dir::State::status": join(directory, "status"),
    "Dir::Cache": join(directory, "cache"),
    "Dir::Cache::pkgcache": "pkgcache.bin",
    "Dir::Etc::sourcelist": join(directory, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Acquire::Languages": "none",
    "Acquire::GzipIndexes": "false",
    // Root gives way to the user _apt for a download, and that user may not write here.
    "APT::Sandbox::User": "root",
  };
  return ["-q", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

/** The package names in what `--print-uris` printed: lines of `'URI' NAME_VERSION_ARCH.deb SIZE HASH`. */
function namesOf(printed: string): string[] {
  return [...printed.matchAll(/^'[^']+' ([^_\s]+)_\S+\.deb /gm)].flatMap(([, name]) => name ?? []);
}

/** The Debian mirror this machine is set up with, or Debian's own. */
export async function systemMirror(etc = "/etc/apt"): Promise<string> {
  const files = [join(etc, "sources.list")];
  const parts = join(etc, "sources.list.d");
  if (existsSync(parts)) {
    const names = (await readdir(parts)).filter((name) => /\.(list|sources)$/.test(name));
    files.push(...names.sort().map((name) => join(parts, name)));
  }
  for (const file of files) {
    const found = existsSync(file) ? mirrorIn(await readFile(file, "utf8")) : undefined;
    if (found !== undefined) return found;
  }
  return DEFAULT_MIRROR;
}

/** The first mirror of Debian itself that a sources file names, in either of its formats. See sources.list(5). */
export function mirrorIn(sources: string): string | undefined {
  const text = sources.replaceAll(/^[ \t]*#.*$/gm, "");
  const uri = /^[ \t]*(?:deb[ \t]+(?:\[[^\]\n]*\][ \t]*)?|URIs:[ \t]*)(https?:\/\/\S*\/debian)\/?(?:\s|$)/m;
  return uri.exec(text)?.[1];
}

/** What Debian calls this machine's architecture: `amd64`, `arm64`. */
export async function debianArchitecture(signal?: AbortSignal): Promise<string> {
  const { stdout } = await run(["dpkg", "--print-architecture"], signal ? { signal } : {});
  return stdout.trim();
}
