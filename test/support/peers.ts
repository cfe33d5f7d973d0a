import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { openSuite, type Suite, systemMirror } from "../../sandbox/debian.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { makeOnce } from "./make-once.ts";
import { unpackDebian, writeVersion } from "./unpack-debian.ts";
import { PROJECT_STATE } from "./world.ts";

/** A program that others wrote: what it says of our work counts, since it knows nothing of our code. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** The words that start the program. */
  readonly command: readonly string[];
}

export const PEERS = join(PROJECT_STATE, "test/peers");

/** Set by `make peers`: what has to be compiled first, which takes minutes, is made then and kept. */
const MAKES_ALL = process.env.PEERS === "all";

/**
 * A peer out of Debian's packages, unpacked apart: the system is not touched.
 * @param isStatic whether it runs on this system; otherwise it gets all that it depends on, and a root of its own
 * @returns undefined where it cannot be had: its tests are skipped, and their titles say so
 */
export async function debianPeer(suite: Suite, name: string, isStatic = true): Promise<Peer | undefined> {
  try {
    const root = await (isStatic ? unpackDebian(suite, name) : debianRoot(suite, name, [name]));
    const version = await readFile(join(root, "version"), "utf8");
    const program = `usr/bin/${name}`;
    return { name, version, command: isStatic ? [join(root, program)] : ["chroot", root, `/${program}`] };
  } catch {
    return undefined;
  }
}

/**
 * A peer that is compiled from its Go module, the first time that `make peers` asks for it.
 * @returns undefined where it is not there and cannot be made
 */
export async function goPeer(
  name: string,
  module: string,
  version: string,
  { experiment, program, tags = [] }: GoBuild = {},
): Promise<Peer | undefined> {
  const folder = join(PEERS, `${name}-${version}`);
  const made = await compiledOnce(folder, async (work) => {
    await mkdir(join(work, "bin"), { recursive: true });
    const env = { ...goEnvironment(experiment), GOBIN: join(work, "bin") };
    if (program === undefined) await run(["go", "install", `${module}@${version}`], { env });
    else await buildInside(`${module}@${version}`, program, tags, work, env);
    return join(work, "bin");
  });
  if (made === undefined) return undefined;
  return { name, version: version.replace(/^v/, ""), command: [join(made, name)] };
}

/**
 * A peer out of the Python package index, in a folder of its own, the first time that `make peers` asks for it.
 * @param command the words that start it there
 * @returns undefined where it is not there and cannot be had
 */
export async function pythonPeer(
  name: string,
  version: string,
  command: (folder: string) => readonly string[],
): Promise<Peer | undefined> {
  const folder = join(PEERS, `${name}-${version}`);
  const install = async (work: string) => {
    const quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"];
    const words = ["install", ...quiet, "--target", join(work, "lib"), `${name}==${version}`];
    await run(["python3", "-m", "pip", ...words]);
    return join(work, "lib");
  };
  const isWanted = existsSync(folder) || MAKES_ALL;
  const made = isWanted ? await makeOnce(folder, install).catch(() => undefined) : undefined;
  return made === undefined ? undefined : { name, version, command: command(made) };
}

/**
 * A folder of what Go compiles, which is made when `make peers` asks for it, and kept.
 * @param make as `makeOnce` takes it
 * @returns undefined where it is not there and cannot be made
 */
export async function compiledOnce(
  folder: string,
  make: (work: string) => Promise<string>,
): Promise<string | undefined> {
  if (existsSync(folder)) return folder;
  const hasGo = async () => (await tryRun(["go", "version"]).catch(() => ({ exitCode: 1 }))).exitCode === 0;
  return MAKES_ALL && (await hasGo()) ? makeOnce(folder, make) : undefined;
}

/** How a module is compiled, where that is not as usual. */
export interface GoBuild {
  /** What of Go it takes that is not in every Go of this version yet. */
  readonly experiment?: string;
  /**
   * The program's folder in the module: of one that excludes others, or that calls itself otherwise than it is found by,
   * both of which `go install` refuses from outside.
   */
  readonly program?: string;
  /** What its makers build it with. */
  readonly tags?: readonly string[];
}

/** Compiles a program in a copy of its module, as if that had been checked out. */
async function buildInside(
  module: string,
  program: string,
  tags: readonly string[],
  work: string,
  env: Record<string, string>,
): Promise<void> {
  const { stdout } = await run(["go", "mod", "download", "-json", module], { env });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const source = join(work, "source");
  await run(["cp", "-r", "--no-preserve=mode", Dir, source]);
  await run(["go", "build", "-tags", tags.join(","), "-o", join(work, "bin/"), program], {
    env,
    cwd: source,
  });
}

/** What Go is told wherever a peer is compiled. */
export function goEnvironment(experiment = ""): Record<string, string> {
  return { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOEXPERIMENT: experiment };
}

/** What the tests of a peer are listed under: docs/peers.md is made of such titles. */
export function titleOf(peer: Pick<Peer, "version"> | undefined, name: string): string {
  return peer ? `${name} ${peer.version}` : `${name}: not to be had here`;
}

/**
 * A folder that looks like the root of a Debian system with some packages in it, to start their programs with chroot(8).
 * Nothing in it is set up by the packages' own scripts. A file `version` says which version of the first it has.
 */
export function debianRoot(suite: Suite, name: string, packages: readonly string[]): Promise<string> {
  return makeOnce(join(PROJECT_STATE, "test/peers", `${suite}-${name}`), async (work) => {
    const archive = await openSuite(suite, join(work, "apt"), await systemMirror());
    const names = [...(await archive.closure(packages)).keys()];
    const root = join(work, "root");
    await mkdir(join(root, "tmp"), { recursive: true });
    // As Debian's base-files has them.
    for (const link of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${link}`, join(root, link));
    const files = await archive.download(names, join(work, "debs"));
    for (const file of files.values()) {
      // Piped, since dpkg-deb would put a folder in the place of a link.
      const unpacking = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
      await run(["sh", "-c", unpacking, "sh", file, root]);
    }
    const certificates = "etc/ssl/certs/ca-certificates.crt";
    await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
    await copyFile(`/${certificates}`, join(root, certificates));
    await writeVersion(root, files.get(packages[0] ?? ""));
    return root;
  });
}
